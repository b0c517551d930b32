/**
 * The commands and variables of the pages that users come from, run as they stand: the program as a
 * process, real brokers behind it, real clients before it. Only hosts, ports, files and accounts
 * are put in; each is run with something wrong as well.
 *
 * <pre>
 *   KafkaProxyPageIT     kafka-proxy's page: four usage examples, two of proxy authentication; the
 *                        sidecar of the recipe for Amazon MSK
 *   KafkaProxyFlagsIT    SCRAM, JAAS file, GSSAPI, AWS_MSK_IAM, OAUTHBEARER, same certificate,
 *                        forward proxies, gateways in a row, mapping by variables
 *   KafkaProxyPluginsIT  plugin programs in Go
 *   ConduktorToKafkaIT   "Connect Gateway to Kafka": every block, by its headline
 *   ConduktorClientsIT   "Configure Gateway to accept client connections": every block, DELEGATED_
 *                        with each mechanism, automatic detection
 *   ConduktorSniIT       the tutorial on SNI
 * </pre>
 *
 * <p>Left out: AWS_MSK_IAM of clients that is forwarded (Amazon's login is not on the class path),
 * Google's tokens, failover.
 */
@NullMarked
package io.gatehouse.app.seeds;

import org.jspecify.annotations.NullMarked;
