package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.cli.Flag;
import java.util.List;

/**
 * All flags of {@code kafka-proxy server} with kafka-proxy's defaults, except for the HTTP address
 * (docs/kafka-proxy.md).
 */
public final class KafkaProxyFlags {

  private static final String TABLE =
      """
      yes       | bootstrap-server-mapping                   | stringArray |                | broker, local and advertised address: host:port,host:port[,host:port]
      yes       | external-server-mapping                    | stringArray |                | broker and advertised address of another proxy: host:port,host:port
      yes       | dial-address-mapping                       | stringArray |                | broker and the address to connect to instead: host:port,host:port
      yes       | default-listener-ip                        | string      | 0.0.0.0        | local address of dynamic listeners; also advertised unless it is a wildcard
      yes       | dynamic-listeners-disable                  | bool        | false          | refuse brokers that are not mapped
      yes       | dynamic-advertised-listener                | string      |                | host or host:port to advertise for dynamic listeners; {{.brokerId}} is the broker's id
      yes       | dynamic-sequential-min-port                | int         | 0              | first port of dynamic listeners; 0 takes any free port
      yes       | dynamic-sequential-max-ports               | int         | 0              | number of ports for dynamic listeners; 0: all up to 65535
      yes       | deterministic-listeners                    | bool        | false          | the port of a dynamic listener is the first port plus the broker id
      no effect | proxy-request-buffer-size                  | int         | 4096           | requests are not copied through a buffer of this kind
      no effect | proxy-response-buffer-size                 | int         | 4096           | responses are not copied through a buffer of this kind
      yes       | proxy-listener-read-buffer-size            | int         | 0              | SO_RCVBUF of client connections in bytes; 0: default of the system
      yes       | proxy-listener-write-buffer-size           | int         | 0              | SO_SNDBUF of client connections in bytes; 0: default of the system
      yes       | proxy-listener-keep-alive                  | duration    | 60s            | TCP keep-alive of client connections; 0 turns it off
      yes       | kafka-client-id                            | string      | kafka-proxy    | client id of the gateway's own requests
      yes       | kafka-max-open-requests                    | int         | 256            | maximum of unanswered requests of a connection; further ones are not read until responses are sent
      yes       | kafka-dial-timeout                         | duration    | 15s            | time to connect to a broker
      yes       | kafka-write-timeout                        | duration    | 30s            | time to receive a request after its header; 0 means 30s
      no effect | kafka-read-timeout                         | duration    | 30s            | it would disconnect consumers that pause; timeouts.response limits unread responses
      yes       | kafka-keep-alive                           | duration    | 60s            | TCP keep-alive of broker connections; 0 turns it off
      yes       | kafka-connection-read-buffer-size          | int         | 0              | SO_RCVBUF of broker connections in bytes; 0: default of the system
      yes       | kafka-connection-write-buffer-size         | int         | 0              | SO_SNDBUF of broker connections in bytes; 0: default of the system
      yes       | forbidden-api-keys                         | strings     |                | API keys that are refused with an error response
      yes       | producer-acks-0-disabled                   | bool        | false          | close the connection of a client that produces with acks=0
      yes       | http-disable                               | bool        | false          | turn off the HTTP server for health and metrics
      yes       | http-listen-address                        | string      | 127.0.0.1:9080 | address of the HTTP server for health and metrics; kafka-proxy's default is 0.0.0.0:9080
      yes       | http-metrics-path                          | string      | /metrics       | path of the Prometheus metrics
      yes       | http-health-path                           | string      | /health        | path of the health check
      no effect | debug-enable                               | bool        | false          | there is no Go profiler; use jcmd to profile a Java process
      no effect | debug-listen-address                       | string      | 0.0.0.0:6060   | there is no Go profiler
      yes       | log-format                                 | string      | text           | text or json
      yes       | log-level                                  | string      | info           | trace, debug, info, warning, error, fatal or panic; other values mean info
      yes       | log-level-fieldname                        | string      | @level         | JSON field of the level
      yes       | log-time-fieldname                         | string      | @timestamp     | JSON field of the time
      yes       | log-msg-fieldname                          | string      | @message       | JSON field of the message
      yes       | forward-proxy                              | string      |                | SOCKS5 or HTTP proxy for connections to brokers: socks5://[user:password@]host:port, http://... or https://...
      yes       | proxy-listener-tls-enable                  | bool        | false          | use TLS for client connections
      yes       | proxy-listener-cert-file                   | string      |                | certificate chain (PEM)
      yes       | proxy-listener-key-file                    | string      |                | private key (PEM)
      yes       | proxy-listener-key-password                | string      |                | password of the private key, if it is encrypted
      yes       | proxy-listener-ca-chain-cert-file          | string      |                | CA certificates for client certificates (PEM); if given, clients must send a certificate
      yes       | proxy-listener-crl-file                    | string      |                | revoked client certificates (PEM)
      yes       | proxy-listener-cipher-suites               | strings     |                | cipher suites of TLS 1.2, by their IANA or Go names
      yes       | proxy-listener-curve-preferences           | strings     |                | X25519, P256, P384, P521, in order of preference
      yes       | proxy-listener-tls-refresh                 | duration    | 0s             | how often TLS files are checked for changes, 0 for never; the shorter of this and tls-refresh applies to both. Without both flags: 5s
      yes       | proxy-listener-tls-required-client-subject | strings     |                | rules for the subject of client certificates: s:/CN=[a]/O=[b] or r:/CN=[^a.*$]
      yes       | tls-same-client-cert-enable                | bool        | false          | clients must send the certificate in --tls-client-cert-file
      yes       | auth-local-enable                          | bool        | false          | authenticate clients at the gateway
      yes       | auth-local-command                         | string      |                | auth-user, auth-ldap, google-id-info, unsecured-jwt-info, oidc-info, or a plugin program
      yes       | auth-local-mechanism                       | string      | PLAIN          | PLAIN or OAUTHBEARER
      yes       | auth-local-param                           | stringArray |                | argument of the built-in or plugin program
      yes       | auth-local-log-level                       | string      | trace          | minimum level of the plugin program's messages that are logged
      yes       | auth-local-timeout                         | duration    | 10s            | time for a response of the plugin program
      yes       | proxy-listener-auth-enable                 | bool        | false          | former name of --auth-local-enable
      yes       | proxy-listener-auth-command                | string      |                | former name of --auth-local-command
      yes       | proxy-listener-auth-param                  | stringArray |                | former name of --auth-local-param
      yes       | auth-gateway-client-enable                 | bool        | false          | send a token to the upstream gateway first
      yes       | auth-gateway-client-command                | string      |                | google-id-provider, oidc-provider, unsecured-jwt-provider, or a plugin program
      yes       | auth-gateway-client-param                  | stringArray |                | argument of the built-in or plugin program
      yes       | auth-gateway-client-log-level              | string      | trace          | minimum level of the plugin program's messages that are logged
      yes       | auth-gateway-client-method                 | string      |                | name of the method; must be the same on both sides
      yes       | auth-gateway-client-magic                  | int         | 0              | magic number; must be the same on both sides
      yes       | auth-gateway-client-timeout                | duration    | 10s            | time for a response of the plugin program
      yes       | auth-gateway-server-enable                 | bool        | false          | connecting gateways must send a token first
      yes       | auth-gateway-server-command                | string      |                | google-id-info, unsecured-jwt-info, oidc-info, or a plugin program
      yes       | auth-gateway-server-param                  | stringArray |                | argument of the built-in or plugin program
      yes       | auth-gateway-server-log-level              | string      | trace          | minimum level of the plugin program's messages that are logged
      yes       | auth-gateway-server-method                 | string      |                | name of the method; must be the same on both sides
      yes       | auth-gateway-server-magic                  | int         | 0              | magic number; must be the same on both sides
      yes       | auth-gateway-server-timeout                | duration    | 10s            | time for the handshake
      yes       | tls-enable                                 | bool        | false          | use TLS for broker connections
      yes       | tls-refresh                                | duration    | 0s             | see --proxy-listener-tls-refresh
      yes       | tls-insecure-skip-verify                   | bool        | false          | accept any broker certificate; causes a warning
      yes       | tls-client-cert-file                       | string      |                | client certificate chain (PEM)
      yes       | tls-client-key-file                        | string      |                | client key (PEM)
      yes       | tls-client-key-password                    | string      |                | password of the client key, if it is encrypted
      yes       | tls-ca-chain-cert-file                     | string      |                | CA certificates of the brokers (PEM); default: those of the Java runtime
      yes       | tls-system-cert-pool                       | bool        | false          | also trust the CA certificates of the Java runtime
      yes       | sasl-enable                                | bool        | false          | log in at the brokers
      yes       | sasl-method                                | string      | PLAIN          | PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI or AWS_MSK_IAM
      yes       | sasl-username                              | string      |                | user
      yes       | sasl-password                              | string      |                | password
      yes       | sasl-jaas-config-file                      | string      |                | file with username="..." and password="..."
      yes       | sasl-plugin-enable                         | bool        | false          | log in at the brokers with tokens of a provider
      yes       | sasl-plugin-command                        | string      |                | google-id-provider, oidc-provider, unsecured-jwt-provider, or a plugin program
      yes       | sasl-plugin-mechanism                      | string      | OAUTHBEARER    | OAUTHBEARER
      yes       | sasl-plugin-param                          | stringArray |                | argument of the built-in or plugin program
      yes       | sasl-plugin-log-level                      | string      | trace          | minimum level of the plugin program's messages that are logged
      yes       | sasl-plugin-timeout                        | duration    | 10s            | time for a response of the plugin program
      yes       | gssapi-auth-type                           | string      | KEYTAB         | KEYTAB or USER
      yes       | gssapi-servicename                         | string      | kafka          | first part of the brokers' Kerberos principals
      yes       | gssapi-username                            | string      | kafka          | Kerberos user
      yes       | gssapi-password                            | string      |                | Kerberos password, for USER
      yes       | gssapi-realm                               | string      |                | Kerberos realm
      yes       | gssapi-krb5                                | string      | /etc/krb5.conf | Kerberos configuration
      yes       | gssapi-keytab                              | string      |                | Kerberos keytab, for KEYTAB
      no effect | gssapi-disable-pa-fx-fast                  | bool        | false          | Java's Kerberos implementation does not use FAST
      yes       | gssapi-spn-host-mapping                    | strings     |                | host of a broker's address and the host in its Kerberos principal: a=b
      yes       | sasl-aws-region                            | string      |                | AWS region; default: the region in the broker's host name
      yes       | sasl-aws-profile                           | string      |                | AWS profile; default: the default credential chain
      yes       | sasl-aws-role-arn                          | string      |                | AWS role to assume
      yes       | sasl-aws-identity-lookup                   | bool        | false          | ask AWS for the gateway's identity at the start and log it; stop if AWS does not answer
      yes       | proxy-listener-key-password-file           | string      |                | file with the value of --proxy-listener-key-password
      yes       | tls-client-key-password-file               | string      |                | file with the value of --tls-client-key-password
      yes       | sasl-password-file                         | string      |                | file with the value of --sasl-password
      yes       | gssapi-password-file                       | string      |                | file with the value of --gssapi-password
      yes       | forward-proxy-file                         | string      |                | file with the value of --forward-proxy
      yes       | auth-local-param-file                      | stringArray |                | file with arguments of --auth-local-param, one per line
      yes       | auth-gateway-client-param-file             | stringArray |                | file with arguments of --auth-gateway-client-param, one per line
      yes       | auth-gateway-server-param-file             | stringArray |                | file with arguments of --auth-gateway-server-param, one per line
      yes       | sasl-plugin-param-file                     | stringArray |                | file with arguments of --sasl-plugin-param, one per line
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
