/**
 * Runs the commands and variables in the documentation of kafka-proxy and Conduktor Gateway with
 * the program as a process, real brokers and real clients. Only hosts, ports, files and accounts
 * are replaced. Each is also run with an invalid value.
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
 * <p>Not covered: forwarded AWS_MSK_IAM of clients (Amazon's login is not on the class path),
 * Google's tokens, failover.
 */
@NullMarked
package io.gatehouse.app.seeds;

import org.jspecify.annotations.NullMarked;
