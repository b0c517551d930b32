package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Support;
import java.util.List;
import java.util.Optional;

/**
 * A {@code GATEWAY_} variable.
 *
 * @param name the name of the variable; a part in angle brackets stands for a number ({@code <N>})
 *     or for capital letters, digits and underscores
 * @param harmless values of an unsupported variable that need no missing feature; they are accepted
 *     with a warning
 * @param help what the variable does, or why it has no effect
 */
public record GatewayVariable(String name, Support support, List<String> harmless, String help) {

  private static final String TABLE =
      """
      yes       | GATEWAY_ADVERTISED_HOST                 |                 | listeners[0].advertisedHost; default: the address that each client connected to
      yes       | GATEWAY_ADVERTISED_LISTENER             |                 | the same as GATEWAY_ADVERTISED_HOST
      yes       | GATEWAY_BIND_HOST                       |                 | listeners[0].host
      yes       | GATEWAY_PORT_START                      |                 | listeners[0].ports.brokers, 6969 by default
      yes       | GATEWAY_START_PORT                      |                 | former name of GATEWAY_PORT_START
      yes       | GATEWAY_PORT_COUNT                      |                 | listeners[0].ports.count; default: one for each broker
      yes       | GATEWAY_MIN_BROKERID                    |                 | lowestBrokerId of every listener
      yes       | GATEWAY_LISTENER_NAMES                  |                 | names of the listeners; default: all listeners that have variables
      yes       | GATEWAY_HTTP_PORT                       |                 | http.port, 8888 by default; also sets http.host to 0.0.0.0 unless http.host is set
      yes       | GATEWAY_DOWNSTREAM_THREAD               |                 | sockets.eventLoops
      yes       | GATEWAY_BACKEND_KAFKA_SELECTOR          |                 | reads a cluster file instead of KAFKA_ variables: file : { path: /x.yaml }
      yes       | GATEWAY_FEATURE_FLAGS_CONSUMER_GROUP_PROTOCOL |                 | false adds the APIs of the new consumer group protocol to rules.forbiddenApis; default: allowed
      yes       | GATEWAY_ROUTING_MECHANISM               |                 | port, or host for SNI: listeners[0].sni
      yes       | GATEWAY_SECURITY_PROTOCOL               |                 | PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL, DELEGATED_SASL_PLAINTEXT or DELEGATED_SASL_SSL; default: inferred
      yes       | GATEWAY_SECURITY_MODE                   |                 | GATEWAY_MANAGED: the gateway authenticates clients; KAFKA_MANAGED: the brokers do; default: inferred
      yes       | GATEWAY_ACL_ENABLED                     |                 | virtualClusters.passthrough.aclEnabled; default: true with GATEWAY_SECURITY_MODE=GATEWAY_MANAGED
      no effect | GATEWAY_ACL_STORE_ENABLED               |                 | aclEnabled of each virtual cluster turns on its ACLs
      yes       | GATEWAY_SUPER_USERS                     |                 | virtualClusters.passthrough.superUsers, separated by semicolons; default: the users of GATEWAY_ADMIN_API_USERS
      yes       | GATEWAY_FEATURE_FLAGS_MANDATORY_VCLUSTER |                 | virtualClusters.required: clients without a virtual cluster are refused; false by default
      no effect | GATEWAY_FEATURE_FLAGS_MULTI_TENANCY     |                 | version 2 only: virtual clusters need no flag
      no effect | GATEWAY_AUTO_CREATE_TOPICS_ENABLED      |                 | the brokers' auto.create.topics.enable decides, and topics.autoCreate of a virtual cluster
      yes       | GATEWAY_AUTHENTICATION_CONNECTION_MAX_REAUTH_MS |                 | authentication.maxSession
      no effect | GATEWAY_SASL_MECHANISM                  |                 | clients choose one of the configured mechanisms
      yes       | GATEWAY_USER_POOL_SECRET_KEY            |                 | PLAIN with service account tokens signed with this key (256 bits, base64)
      yes       | GATEWAY_USER_POOL_SERVICE_ACCOUNT_REQUIRED |                 | true: only tokens of existing accounts are accepted; not given: those of all accounts that were not deleted
      not yet   | GATEWAY_SECURITY_PROVIDER               | DEFAULT, BOUNCY_CASTLE, CONSCRYPT | the TLS implementation is not validated for FIPS
      yes       | GATEWAY_SSL_KEY_STORE_PATH              |                 | tls.keyStore
      yes       | GATEWAY_SSL_KEY_STORE_PASSWORD          |                 | tls.keyStorePassword
      yes       | GATEWAY_SSL_KEY_PASSWORD                |                 | tls.keyPassword
      yes       | GATEWAY_SSL_KEY_TYPE                    |                 | jks, pkcs12 or p12; the format is detected in any case
      yes       | GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES |                 | tls.refresh in minutes, from 1 to 525600; default: 5 seconds
      yes       | GATEWAY_SSL_TRUST_STORE_PATH            |                 | tls.trustStore
      yes       | GATEWAY_SSL_TRUST_STORE_PASSWORD        |                 | tls.trustStorePassword
      yes       | GATEWAY_SSL_TRUST_STORE_TYPE            |                 | jks, pkcs12 or p12; the format is detected in any case
      yes       | GATEWAY_SSL_CLIENT_AUTH                 |                 | tls.clientAuth: NONE, OPTIONAL or REQUIRE
      yes       | GATEWAY_SSL_PRINCIPAL_MAPPING_RULES     |                 | authentication.principalRules, with SSL
      yes       | GATEWAY_OAUTH_JWKS_URL                  |                 | OAUTHBEARER with tokens signed by these keys: https, http or file
      yes       | GATEWAY_OAUTH_EXPECTED_ISSUER           |                 | jwks.issuer
      yes       | GATEWAY_OAUTH_EXPECTED_AUDIENCES        |                 | jwks.audiences, separated by commas, optionally in brackets
      yes       | GATEWAY_OAUTH_JWKS_REFRESH              |                 | jwks.refresh in milliseconds
      yes       | GATEWAY_OAUTH_JWKS_RETRY                |                 | jwks.retry in milliseconds
      yes       | GATEWAY_OAUTH_JWKS_MAX_RETRY            |                 | jwks.maxRetry in milliseconds
      yes       | GATEWAY_OAUTH_SCOPE_CLAIM_NAME          |                 | jwks.scopeClaim
      yes       | GATEWAY_OAUTH_SUB_CLAIM_NAME            |                 | jwks.subjectClaim
      no effect | GATEWAY_OAUTH_USE_CC_POOL_ID            |                 | the principal is the subject of the token
      no effect | GATEWAY_PRINCIPAL_RESOLVER              |                 | logs and metrics show the names that clients authenticate with
      no effect | GATEWAY_CONFLUENT_CLOUD_API_KEY         |                 | logs and metrics show the names that clients authenticate with
      no effect | GATEWAY_CONFLUENT_CLOUD_API_SECRET      |                 | logs and metrics show the names that clients authenticate with
      no effect | GATEWAY_CONFLUENT_CLOUD_CACHE_SIZE      |                 | logs and metrics show the names that clients authenticate with
      no effect | GATEWAY_CONFLUENT_CLOUD_CACHE_EXPIRY_MS |                 | logs and metrics show the names that clients authenticate with
      no effect | GATEWAY_UPSTREAM_CONNECTION_POOL_TYPE   |                 | each client connection has its own broker connection
      yes       | GATEWAY_FEATURE_FLAGS_INTERNAL_LOAD_BALANCING |                 | nodes.loadBalancing: whether metadata spreads clients over the gateway nodes, true by default
      yes       | GATEWAY_RACK_ID                         |                 | nodes.rack: brokers of this rack are reached through this node first
      yes       | GATEWAY_SECURED_METRICS                 |                 | http.securedMetrics: /metrics and /loggers need a user; default: true if GATEWAY_ADMIN_API_USERS is given
      yes       | GATEWAY_ADMIN_API_USERS                 |                 | admin.users; not given: admin with a random password that the log shows
      no effect | GATEWAY_ADMIN_API_USER_<N>_USERNAME     |                 | GATEWAY_ADMIN_API_USERS names the users of HTTP
      no effect | GATEWAY_ADMIN_API_USER_<N>_PASSWORD     |                 | GATEWAY_ADMIN_API_USERS names the users of HTTP
      no effect | GATEWAY_ADMIN_API_USER_<N>_ADMIN        |                 | GATEWAY_ADMIN_API_USERS names the users of HTTP
      no effect | GATEWAY_ADMIN_USERNAME                  |                 | GATEWAY_ADMIN_API_USERS names the users of HTTP
      no effect | GATEWAY_ADMIN_PASSWORD                  |                 | GATEWAY_ADMIN_API_USERS names the users of HTTP
      yes       | GATEWAY_HTTPS_KEY_STORE_PATH            |                 | http.tls.keyStore; default: HTTP without TLS
      yes       | GATEWAY_HTTPS_KEY_STORE_PASSWORD        |                 | http.tls.keyStorePassword
      yes       | GATEWAY_HTTPS_CLIENT_AUTH               |                 | http.tls.clientAuth: NONE, REQUEST or REQUIRED
      yes       | GATEWAY_HTTPS_TRUST_STORE_PATH          |                 | http.tls.trustStore
      yes       | GATEWAY_HTTPS_TRUST_STORE_PASSWORD      |                 | http.tls.trustStorePassword
      not yet   | GATEWAY_INTERCEPTOR_CONFIG_LOCATION     | a file that contains [] | there are no interceptors yet
      no effect | GATEWAY_TOPIC_MAPPINGS_TOPIC            |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_USER_MAPPINGS_TOPIC             |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_CONSUMER_OFFSETS_TOPIC          |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_INTERCEPTOR_CONFIGS_TOPIC       |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_ENCRYPTION_CONFIGS_TOPIC        |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_ENCRYPTION_KEYS_TOPIC           |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_ACLS_TOPIC                      |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_VCLUSTERS_TOPIC                 |                 | the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_GROUPS_TOPIC                    |                 | the gateway keeps its state in one topic, admin.store.topic
      yes       | GATEWAY_AUDIT_LOG_TOPIC                 |                 | log.audit.topic.name, _conduktor_<cluster id>_auditlogs by default; also turns events on
      no effect | GATEWAY_DATA_QUALITY_TOPIC              |                 | there are no data quality rules yet
      no effect | GATEWAY_DATA_QUALITY_TOPIC_REPLICATION_FACTOR |                 | there are no data quality rules yet
      no effect | GATEWAY_DATA_QUALITY_TOPIC_PARTITIONS   |                 | there are no data quality rules yet
      no effect | GATEWAY_DATA_QUALITY_TOPIC_RETENTION_HOUR |                 | there are no data quality rules yet
      no effect | GATEWAY_STORE_TTL_MS                    |                 | the gateway keeps its state in one topic, admin.store.topic
      yes       | GATEWAY_TOPIC_STORE_KCACHE_REPLICATION_FACTOR |                 | admin.store.replicationFactor
      yes       | GATEWAY_FEATURE_FLAGS_AUDIT             |                 | true: events of the audit log go to a topic, too; default: only if GATEWAY_AUDIT_LOG_TOPIC is given
      no effect | GATEWAY_FEATURE_FLAGS_TOPIC_ID_SUPPORT  |                 | topic ids are forwarded if the brokers support them
      no effect | GATEWAY_FEATURE_FLAGS_INCREMENTAL_FETCH_SESSIONS_ENABLED |                 | fetch sessions are forwarded if the brokers support them
      yes       | GATEWAY_AUDIT_LOG_EVENT_TYPES           |                 | log.audit.topic.events: ALL, or some of AUTHENTICATION, CONNECTION, REST_API, SAFEGUARD
      yes       | GATEWAY_AUDIT_LOG_CONFIG_SPEC_VERSION   |                 | log.audit.topic.specVersion, 0.1.0 by default
      yes       | GATEWAY_AUDIT_LOG_SERVICE_BACKING_TOPIC |                 | former name of GATEWAY_AUDIT_LOG_TOPIC
      yes       | GATEWAY_AUDIT_LOG_REPLICATION_FACTOR_OF_TOPIC |                 | log.audit.topic.replicationFactor; -1, the default: that of the brokers
      yes       | GATEWAY_AUDIT_LOG_NUM_PARTITIONS_OF_TOPIC |                 | log.audit.topic.partitions; -1, the default: 3
      yes       | GATEWAY_AUDIT_LOG_KAFKA_<PROPERTY>      |                 | log.audit.topic.properties: how the producer sends; not how it connects
      no effect | GATEWAY_LICENSE_KEY                     |                 | no licence is needed
      no effect | GATEWAY_LICENSE_TOPIC                   |                 | no licence is needed
      no effect | GATEWAY_FEATURE_FLAGS_ANALYTICS         |                 | the gateway sends no analytics
      no effect | GATEWAY_ENV_FILE                        |                 | the launcher has already read it
      yes       | GATEWAY_CLUSTER_ID                      |                 | admin.store.topic is _gatehouse_ID_state; gateway by default, with GATEWAY_USER_POOL_SECRET_KEY
      yes       | GATEWAY_GROUP_ID                        |                 | nodes.group: the consumer group through which gateway nodes find each other, gatehouse_<cluster id> by default
      no effect | GATEWAY_UPSTREAM_THREAD                 |                 | one event loop serves both sides of a connection
      no effect | GATEWAY_UPSTREAM_NUM_CONNECTION         |                 | each client connection has its own broker connection
      no effect | GATEWAY_SHUTDOWN_DELAY_BETWEEN_BROKERS_MS |               | drain.spread closes connections one by one
      yes       | GATEWAY_ADVERTISED_SNI_PORT             |                 | the advertised port of listeners[0].sni.port
      yes       | GATEWAY_ADVERTISED_HOST_PREFIX          |                 | prefix of listeners[0].sni.brokerHost, broker by default
      yes       | GATEWAY_SNI_HOST_SEPARATOR              |                 | separator of broker id and host in listeners[0].sni.brokerHost, - by default
      retired   | GATEWAY_MODE                            | KAFKA_SECURITY  | removed after version 2; use GATEWAY_SECURITY_MODE
      not yet   | GATEWAY_FEATURE_FLAGS_RBAC              | false           | version 2 only: the gateway has no role-based access control yet
      no effect | GATEWAY_FEATURE_FLAGS_SINGLE_TENANT     |                 | version 2 only: the gateway never changes topic names
      no effect | GATEWAY_STORAGE_<PROPERTY>              |                 | version 2 only: the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_TOPIC_STORE_<PROPERTY>          |                 | version 2 only: the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_<STORE>_BACKING_TOPIC           |                 | version 2 only: the gateway keeps its state in one topic, admin.store.topic
      no effect | GATEWAY_AUTHENTICATION_TIMEOUT_MS       |                 | version 2 only: timeouts.request limits each step of a login
      no effect | GATEWAY_AUTHENTICATION_EXPONENTIAL_BACKOFF_<PROPERTY> |                 | version 2 only: the section logins limits failed logins
      no effect | GATEWAY_SSL_UPDATE_INTERVAL_MS          |                 | version 2 only: replaced by GATEWAY_SSL_UPDATE_CONTEXT_INTERVAL_MINUTES
      no effect | GATEWAY_UPSTREAM_MAX_PENDING_TASK       |                 | version 2 only: limits.inFlightRequests limits the requests that wait for brokers
      """;

  /** All variables with a fixed name, in the order of the documentation. */
  public static List<GatewayVariable> all() {
    return TABLE.lines().map(GatewayVariable::row).toList();
  }

  /**
   * The variable with this name. An exact match takes precedence over a match with a placeholder.
   */
  static Optional<GatewayVariable> of(String name) {
    List<GatewayVariable> all = all();
    return all.stream()
        .filter(variable -> variable.name.equals(name))
        .findFirst()
        .or(() -> all.stream().filter(variable -> variable.fits(name)).findFirst());
  }

  private boolean fits(String given) {
    String pattern = name.replace("<N>", "\\d{1,4}").replaceFirst("<[A-Z]+>", "[A-Z0-9_]+");
    return given.matches(pattern);
  }

  boolean isHarmless(String value) {
    return harmless.stream().anyMatch(value.strip()::equalsIgnoreCase);
  }

  private static GatewayVariable row(String line) {
    String[] cells = line.split("\\|", -1);
    if (cells.length != 4) {
      throw new IllegalArgumentException("a row must have four cells: " + line);
    }
    return new GatewayVariable(
        cells[1].strip(), Support.of(cells[0].strip()), Parse.commas(cells[2]), cells[3].strip());
  }
}
