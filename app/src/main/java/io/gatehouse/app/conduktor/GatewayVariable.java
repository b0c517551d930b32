package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Support;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A {@code GATEWAY_} variable.
 *
 * @param harmless values that ask for what is done anyway, and are accepted of a variable that is
 *     not supported yet
 * @param help what it does, or why it does nothing
 */
public record GatewayVariable(String name, Support support, List<String> harmless, String help) {

  private static final String TABLE =
      """
      yes       | GATEWAY_ADVERTISED_HOST                 |                 | listeners[0].advertisedHost; not given: the address each client connected to
      yes       | GATEWAY_ADVERTISED_LISTENER             |                 | the same as GATEWAY_ADVERTISED_HOST
      yes       | GATEWAY_BIND_HOST                       |                 | listeners[0].host
      yes       | GATEWAY_PORT_START                      |                 | listeners[0].ports.brokers, 6969 by default
      yes       | GATEWAY_START_PORT                      |                 | early name of GATEWAY_PORT_START
      yes       | GATEWAY_PORT_COUNT                      |                 | listeners[0].ports.count; not given: as many as there are brokers
      yes       | GATEWAY_MIN_BROKERID                    |                 | lowestBrokerId of every listener
      yes       | GATEWAY_LISTENER_NAMES                  |                 | the listeners; not given: all that have variables
      yes       | GATEWAY_HTTP_PORT                       |                 | http.port, 8888 by default
      yes       | GATEWAY_DOWNSTREAM_THREAD               |                 | sockets.eventLoops
      yes       | GATEWAY_BACKEND_KAFKA_SELECTOR          |                 | a cluster file instead of KAFKA_ variables: file : { path: /x.yaml }
      yes       | GATEWAY_FEATURE_FLAGS_CONSUMER_GROUP_PROTOCOL |           | false adds the new consumer group protocol to rules.forbiddenApis; not given: allowed
      yes       | GATEWAY_ROUTING_MECHANISM               |                 | port, or host for SNI: listeners[0].sni
      yes       | GATEWAY_SECURITY_PROTOCOL               |                 | PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL, DELEGATED_SASL_PLAINTEXT or DELEGATED_SASL_SSL; not given: inferred
      yes       | GATEWAY_SECURITY_MODE                   |                 | GATEWAY_MANAGED: clients authenticate here; KAFKA_MANAGED: at the brokers; not given: inferred
      not yet   | GATEWAY_ACL_ENABLED                     | false           | ACLs of the gateway
      not yet   | GATEWAY_ACL_STORE_ENABLED               | false           | ACLs of virtual clusters
      not yet   | GATEWAY_SUPER_USERS                     |                 | who ACLs do not bind
      not yet   | GATEWAY_FEATURE_FLAGS_MANDATORY_VCLUSTER | false          | virtual clusters
      not yet   | GATEWAY_FEATURE_FLAGS_MULTI_TENANCY     | false           | virtual clusters
      not yet   | GATEWAY_AUTO_CREATE_TOPICS_ENABLED      | true            | false would have to keep brokers from creating topics
      yes       | GATEWAY_AUTHENTICATION_CONNECTION_MAX_REAUTH_MS |                 | authentication.maxSession
      yes       | GATEWAY_USER_POOL_SECRET_KEY            |                 | PLAIN with tokens of service accounts, signed with this key of 256 bits in base64
      not yet   | GATEWAY_USER_POOL_SERVICE_ACCOUNT_REQUIRED | false        | local accounts
      not yet   | GATEWAY_SECURITY_PROVIDER               | DEFAULT         | TLS provider
      yes       | GATEWAY_SSL_KEY_STORE_PATH              |                 | tls.keyStore
      yes       | GATEWAY_SSL_KEY_STORE_PASSWORD          |                 | tls.keyStorePassword
      yes       | GATEWAY_SSL_KEY_PASSWORD                |                 | tls.keyPassword
      yes       | GATEWAY_SSL_KEY_TYPE                    |                 | jks, pkcs12 or p12; the form is found out anyway
      yes       | GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES |                 | tls.refresh in minutes, from 1 to 525600; not set: 5 seconds
      yes       | GATEWAY_SSL_TRUST_STORE_PATH            |                 | tls.trustStore
      yes       | GATEWAY_SSL_TRUST_STORE_PASSWORD        |                 | tls.trustStorePassword
      yes       | GATEWAY_SSL_TRUST_STORE_TYPE            |                 | jks, pkcs12 or p12; the form is found out anyway
      yes       | GATEWAY_SSL_CLIENT_AUTH                 |                 | tls.clientAuth: NONE, OPTIONAL or REQUIRE
      yes       | GATEWAY_SSL_PRINCIPAL_MAPPING_RULES     |                 | authentication.principalRules, with SSL
      yes       | GATEWAY_OAUTH_JWKS_URL                  |                 | OAUTHBEARER with tokens signed by these keys: https, http or file
      yes       | GATEWAY_OAUTH_EXPECTED_ISSUER           |                 | jwks.issuer
      yes       | GATEWAY_OAUTH_EXPECTED_AUDIENCES        |                 | jwks.audiences, between commas, with or without brackets
      yes       | GATEWAY_OAUTH_JWKS_REFRESH              |                 | jwks.refresh in milliseconds
      yes       | GATEWAY_OAUTH_JWKS_RETRY                |                 | jwks.retry in milliseconds
      yes       | GATEWAY_OAUTH_JWKS_MAX_RETRY            |                 | jwks.maxRetry in milliseconds
      yes       | GATEWAY_OAUTH_SCOPE_CLAIM_NAME          |                 | jwks.scopeClaim
      yes       | GATEWAY_OAUTH_SUB_CLAIM_NAME            |                 | jwks.subjectClaim
      not yet   | GATEWAY_OAUTH_USE_CC_POOL_ID            | false           | OAuth
      not yet   | GATEWAY_UPSTREAM_CONNECTION_POOL_TYPE   | NONE            | shared connections to brokers
      not yet   | GATEWAY_FEATURE_FLAGS_INTERNAL_LOAD_BALANCING | false     | spreading clients over gateway nodes
      not yet   | GATEWAY_RACK_ID                         |                 | spreading clients over gateway nodes
      not yet   | GATEWAY_SECURED_METRICS                 | false           | authentication of HTTP
      not yet   | GATEWAY_ADMIN_API_USERS                 |                 | authentication of HTTP
      not yet   | GATEWAY_HTTPS_KEY_STORE_PATH            |                 | HTTPS
      not yet   | GATEWAY_HTTPS_KEY_STORE_PASSWORD        |                 | HTTPS
      not yet   | GATEWAY_HTTPS_CLIENT_AUTH               | NONE            | HTTPS
      not yet   | GATEWAY_HTTPS_TRUST_STORE_PATH          |                 | HTTPS
      not yet   | GATEWAY_HTTPS_TRUST_STORE_PASSWORD      |                 | HTTPS
      not yet   | GATEWAY_INTERCEPTOR_CONFIG_LOCATION     |                 | interceptors
      not yet   | GATEWAY_TOPIC_MAPPINGS_TOPIC            |                 | state
      not yet   | GATEWAY_USER_MAPPINGS_TOPIC             |                 | state
      not yet   | GATEWAY_CONSUMER_OFFSETS_TOPIC          |                 | state
      not yet   | GATEWAY_INTERCEPTOR_CONFIGS_TOPIC       |                 | state
      not yet   | GATEWAY_ENCRYPTION_CONFIGS_TOPIC        |                 | state
      not yet   | GATEWAY_ENCRYPTION_KEYS_TOPIC           |                 | state
      not yet   | GATEWAY_ACLS_TOPIC                      |                 | state
      not yet   | GATEWAY_VCLUSTERS_TOPIC                 |                 | state
      not yet   | GATEWAY_GROUPS_TOPIC                    |                 | state
      not yet   | GATEWAY_AUDIT_LOG_TOPIC                 |                 | audit
      not yet   | GATEWAY_DATA_QUALITY_TOPIC              |                 | data quality
      not yet   | GATEWAY_DATA_QUALITY_TOPIC_REPLICATION_FACTOR |           | data quality
      not yet   | GATEWAY_DATA_QUALITY_TOPIC_PARTITIONS   |                 | data quality
      not yet   | GATEWAY_DATA_QUALITY_TOPIC_RETENTION_HOUR |               | data quality
      not yet   | GATEWAY_STORE_TTL_MS                    |                 | state
      not yet   | GATEWAY_TOPIC_STORE_KCACHE_REPLICATION_FACTOR |           | state
      not yet   | GATEWAY_FEATURE_FLAGS_AUDIT             | false           | audit
      not yet   | GATEWAY_FEATURE_FLAGS_TOPIC_ID_SUPPORT  | true            | lower versions without topic ids
      not yet   | GATEWAY_FEATURE_FLAGS_INCREMENTAL_FETCH_SESSIONS_ENABLED | true | fetches without sessions
      not yet   | GATEWAY_AUDIT_LOG_EVENT_TYPES           |                 | audit
      not yet   | GATEWAY_AUDIT_LOG_CONFIG_SPEC_VERSION   |                 | audit
      not yet   | GATEWAY_AUDIT_LOG_SERVICE_BACKING_TOPIC |                 | audit
      not yet   | GATEWAY_AUDIT_LOG_REPLICATION_FACTOR_OF_TOPIC |           | audit
      not yet   | GATEWAY_AUDIT_LOG_NUM_PARTITIONS_OF_TOPIC |               | audit
      no effect | GATEWAY_LICENSE_KEY                     |                 | no licence is needed
      no effect | GATEWAY_LICENSE_TOPIC                   |                 | no licence is needed
      no effect | GATEWAY_FEATURE_FLAGS_ANALYTICS         |                 | nothing is ever reported to anybody
      no effect | GATEWAY_ENV_FILE                        |                 | the launcher read it before this program began
      no effect | GATEWAY_CLUSTER_ID                      |                 | gateway nodes need not know each other
      no effect | GATEWAY_GROUP_ID                        |                 | gateway nodes need not know each other
      no effect | GATEWAY_UPSTREAM_THREAD                 |                 | one event loop serves both sides of a connection
      no effect | GATEWAY_UPSTREAM_NUM_CONNECTION         |                 | each client connection has its own broker connection
      no effect | GATEWAY_SHUTDOWN_DELAY_BETWEEN_BROKERS_MS |               | drain.spread ends connections one by one
      yes       | GATEWAY_ADVERTISED_SNI_PORT             |                 | the advertised port of listeners[0].sni.port
      yes       | GATEWAY_ADVERTISED_HOST_PREFIX          |                 | what listeners[0].sni.brokerHost begins with, broker by default
      yes       | GATEWAY_SNI_HOST_SEPARATOR              |                 | between the broker id and the host in listeners[0].sni.brokerHost, - by default
      retired   | GATEWAY_MODE                            |                 | it ended with version 2; GATEWAY_SECURITY_MODE took its place
      """;

  /** All variables with a fixed name, in the order of the documentation. */
  public static List<GatewayVariable> all() {
    return TABLE.lines().map(GatewayVariable::row).toList();
  }

  static Map<String, GatewayVariable> byName() {
    return all().stream().collect(Collectors.toMap(GatewayVariable::name, Function.identity()));
  }

  boolean isHarmless(String value) {
    return harmless.stream().anyMatch(value.strip()::equalsIgnoreCase);
  }

  private static GatewayVariable row(String line) {
    String[] cells = line.split("\\|", -1);
    if (cells.length != 4) {
      throw new IllegalArgumentException("not a row of four cells: " + line);
    }
    return new GatewayVariable(
        cells[1].strip(), Support.of(cells[0].strip()), Parse.commas(cells[2]), cells[3].strip());
  }
}
