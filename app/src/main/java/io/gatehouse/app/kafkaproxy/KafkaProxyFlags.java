package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.cli.Flag;
import java.util.List;

/**
 * Every flag of {@code kafka-proxy server}, with its own defaults (contracts/kafka-proxy.md §2).
 */
public final class KafkaProxyFlags {

  private static final String TABLE =
      """
      yes       | bootstrap-server-mapping                   | stringArray |                | broker, where to listen, what to advertise: host:port,host:port[,host:port]
      yes       | external-server-mapping                    | stringArray |                | broker and what to advertise where another proxy listens: host:port,host:port
      yes       | dial-address-mapping                       | stringArray |                | broker and what to connect to instead: host:port,host:port
      yes       | default-listener-ip                        | string      | 0.0.0.0        | interface of dynamic listeners; advertised too, unless it is a wildcard
      yes       | dynamic-listeners-disable                  | bool        | false          | refuse brokers that are not mapped
      yes       | dynamic-advertised-listener                | string      |                | host or host:port to advertise for dynamic listeners; {{.brokerId}} is the broker's id
      yes       | dynamic-sequential-min-port                | int         | 0              | first port of dynamic listeners; 0 takes any free port
      yes       | dynamic-sequential-max-ports               | int         | 0              | how many ports dynamic listeners may take; 0: all up to 65535
      yes       | deterministic-listeners                    | bool        | false          | the port of a dynamic listener is the first port plus the broker id
      no effect | proxy-request-buffer-size                  | int         | 4096           | requests are not copied through a buffer of this kind
      no effect | proxy-response-buffer-size                 | int         | 4096           | responses are not copied through a buffer of this kind
      yes       | proxy-listener-read-buffer-size            | int         | 0              | SO_RCVBUF towards clients in bytes; 0 leaves it to the system
      yes       | proxy-listener-write-buffer-size           | int         | 0              | SO_SNDBUF towards clients in bytes; 0 leaves it to the system
      yes       | proxy-listener-keep-alive                  | duration    | 60s            | TCP keep-alive towards clients; 0 turns it off
      yes       | kafka-client-id                            | string      | kafka-proxy    | client id of the requests the gateway itself sends
      yes       | kafka-max-open-requests                    | int         | 256            | requests of a connection that wait for answers; beyond it a client is not read from
      yes       | kafka-dial-timeout                         | duration    | 15s            | time to connect to a broker
      yes       | kafka-write-timeout                        | duration    | 30s            | time for the rest of a request once its head has come; 0 means 30s
      no effect | kafka-read-timeout                         | duration    | 30s            | it would cut off consumers that pause; timeouts.response bounds that
      yes       | kafka-keep-alive                           | duration    | 60s            | TCP keep-alive towards brokers; 0 turns it off
      yes       | kafka-connection-read-buffer-size          | int         | 0              | SO_RCVBUF towards brokers in bytes; 0 leaves it to the system
      yes       | kafka-connection-write-buffer-size         | int         | 0              | SO_SNDBUF towards brokers in bytes; 0 leaves it to the system
      yes       | forbidden-api-keys                         | strings     |                | api keys that are refused, with an error that clients understand
      yes       | producer-acks-0-disabled                   | bool        | false          | a produce request with acks=0 ends its connection
      yes       | http-disable                               | bool        | false          | no health and metrics
      yes       | http-listen-address                        | string      | 0.0.0.0:9080   | where health and metrics are served
      yes       | http-metrics-path                          | string      | /metrics       | path of the Prometheus metrics
      yes       | http-health-path                           | string      | /health        | path of the health check
      not yet   | debug-enable                               | bool        | false          | Go's profiler
      no effect | debug-listen-address                       | string      | 0.0.0.0:6060   | means nothing without --debug-enable
      yes       | log-format                                 | string      | text           | text or json
      yes       | log-level                                  | string      | info           | trace, debug, info, warning, error, fatal or panic; anything else counts as info
      yes       | log-level-fieldname                        | string      | @level         | JSON field of the level
      yes       | log-time-fieldname                         | string      | @timestamp     | JSON field of the time
      yes       | log-msg-fieldname                          | string      | @message       | JSON field of the message
      not yet   | forward-proxy                              | string      |                | SOCKS5 or HTTP proxy to the brokers
      not yet   | proxy-listener-tls-enable                  | bool        | false          | TLS towards clients
      not yet   | proxy-listener-cert-file                   | string      |                | certificate (PEM)
      not yet   | proxy-listener-key-file                    | string      |                | private key (PEM)
      not yet   | proxy-listener-key-password                | string      |                | password of the private key
      not yet   | proxy-listener-ca-chain-cert-file          | string      |                | CA of client certificates
      not yet   | proxy-listener-crl-file                    | string      |                | revoked client certificates
      not yet   | proxy-listener-cipher-suites               | strings     |                | cipher suites
      not yet   | proxy-listener-curve-preferences           | strings     |                | curves
      not yet   | proxy-listener-tls-refresh                 | duration    | 0s             | how often certificate files are read again
      not yet   | proxy-listener-tls-required-client-subject | strings     |                | subject rules for client certificates
      not yet   | tls-same-client-cert-enable                | bool        | false          | the same client certificate on both sides
      not yet   | auth-local-enable                          | bool        | false          | authenticate clients
      not yet   | auth-local-command                         | string      |                | plugin
      not yet   | auth-local-mechanism                       | string      | PLAIN          | PLAIN or OAUTHBEARER
      not yet   | auth-local-param                           | stringArray |                | argument of the plugin
      not yet   | auth-local-log-level                       | string      | trace          | log level of the plugin
      not yet   | auth-local-timeout                         | duration    | 10s            | time for a step of the exchange
      not yet   | proxy-listener-auth-enable                 | bool        | false          | early name of --auth-local-enable
      not yet   | proxy-listener-auth-command                | string      |                | early name of --auth-local-command
      not yet   | proxy-listener-auth-param                  | stringArray |                | early name of --auth-local-param
      not yet   | auth-gateway-client-enable                 | bool        | false          | authenticate at the next proxy
      not yet   | auth-gateway-client-command                | string      |                | plugin
      not yet   | auth-gateway-client-param                  | stringArray |                | argument of the plugin
      not yet   | auth-gateway-client-log-level              | string      | trace          | log level of the plugin
      not yet   | auth-gateway-client-method                 | string      |                | name of the method
      not yet   | auth-gateway-client-magic                  | int         | 0              | magic number
      not yet   | auth-gateway-client-timeout                | duration    | 10s            | time for the handshake
      not yet   | auth-gateway-server-enable                 | bool        | false          | let other proxies authenticate here
      not yet   | auth-gateway-server-command                | string      |                | plugin
      not yet   | auth-gateway-server-param                  | stringArray |                | argument of the plugin
      not yet   | auth-gateway-server-log-level              | string      | trace          | log level of the plugin
      not yet   | auth-gateway-server-method                 | string      |                | name of the method
      not yet   | auth-gateway-server-magic                  | int         | 0              | magic number
      not yet   | auth-gateway-server-timeout                | duration    | 10s            | time for the handshake
      not yet   | tls-enable                                 | bool        | false          | TLS towards brokers
      not yet   | tls-refresh                                | duration    | 0s             | how often certificate files are read again
      not yet   | tls-insecure-skip-verify                   | bool        | false          | trust any broker certificate
      not yet   | tls-client-cert-file                       | string      |                | client certificate (PEM)
      not yet   | tls-client-key-file                        | string      |                | client key (PEM)
      not yet   | tls-client-key-password                    | string      |                | password of the client key
      not yet   | tls-ca-chain-cert-file                     | string      |                | CA of the brokers
      not yet   | tls-system-cert-pool                       | bool        | false          | trust the system's CAs as well
      not yet   | sasl-enable                                | bool        | false          | authenticate at the brokers
      not yet   | sasl-method                                | string      | PLAIN          | SASL mechanism
      not yet   | sasl-username                              | string      |                | user
      not yet   | sasl-password                              | string      |                | password
      not yet   | sasl-jaas-config-file                      | string      |                | file with user and password
      not yet   | sasl-plugin-enable                         | bool        | false          | token from a plugin
      not yet   | sasl-plugin-command                        | string      |                | plugin
      not yet   | sasl-plugin-mechanism                      | string      | OAUTHBEARER    | mechanism of the plugin
      not yet   | sasl-plugin-param                          | stringArray |                | argument of the plugin
      not yet   | sasl-plugin-log-level                      | string      | trace          | log level of the plugin
      not yet   | sasl-plugin-timeout                        | duration    | 10s            | time for the plugin
      not yet   | gssapi-auth-type                           | string      | KEYTAB         | KEYTAB or USER
      not yet   | gssapi-servicename                         | string      | kafka          | Kerberos service
      not yet   | gssapi-username                            | string      | kafka          | Kerberos user
      not yet   | gssapi-password                            | string      |                | Kerberos password
      not yet   | gssapi-realm                               | string      |                | Kerberos realm
      not yet   | gssapi-krb5                                | string      | /etc/krb5.conf | Kerberos configuration
      not yet   | gssapi-keytab                              | string      |                | Kerberos keytab
      not yet   | gssapi-disable-pa-fx-fast                  | bool        | false          | no FAST
      not yet   | gssapi-spn-host-mapping                    | strings     |                | host names for SPNs
      not yet   | sasl-aws-region                            | string      |                | AWS region
      not yet   | sasl-aws-profile                           | string      |                | AWS profile
      not yet   | sasl-aws-role-arn                          | string      |                | AWS role
      not yet   | sasl-aws-identity-lookup                   | bool        | false          | log the AWS identity
      retired   | proxy-listener-tls-client-cert-validate-subject                 | bool    | false | replaced by --proxy-listener-tls-required-client-subject in 2020
      retired   | proxy-listener-tls-required-client-subject-common-name          | string  |       | replaced by --proxy-listener-tls-required-client-subject in 2020
      retired   | proxy-listener-tls-required-client-subject-country              | strings |       | replaced by --proxy-listener-tls-required-client-subject in 2020
      retired   | proxy-listener-tls-required-client-subject-province             | strings |       | replaced by --proxy-listener-tls-required-client-subject in 2020
      retired   | proxy-listener-tls-required-client-subject-locality             | strings |       | replaced by --proxy-listener-tls-required-client-subject in 2020
      retired   | proxy-listener-tls-required-client-subject-organization         | strings |       | replaced by --proxy-listener-tls-required-client-subject in 2020
      retired   | proxy-listener-tls-required-client-subject-organizational-unit  | strings |       | replaced by --proxy-listener-tls-required-client-subject in 2020
      """;

  private KafkaProxyFlags() {}

  public static List<Flag> all() {
    return Flag.table(TABLE);
  }
}
