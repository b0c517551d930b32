package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces broker addresses among the values of broker configurations: {@code advertised.listeners}
 * and its like tell what Metadata must not.
 */
final class BrokerConfigsRewrite implements Rewrite {

  private static final int BROKER = 4;

  private static final Set<String> ADDRESSES =
      Set.of(
          "listeners",
          "advertised.listeners",
          "controller.quorum.voters",
          "controller.quorum.bootstrap.servers",
          "host.name",
          "advertised.host.name",
          "zookeeper.connect");

  /** A host and port, with what may stand before them: a listener's name or a voter's id. */
  private static final Pattern ADDRESS =
      Pattern.compile("(\\w+://|\\d+@)?(\\[[^\\]]*]|[^,:@/\\[\\]]*):(\\d+)");

  private final int version;
  private final MessageSchema schema;

  BrokerConfigsRewrite(int version) {
    MessageSchema found = Schemas.get().response(32);
    if (found == null) {
      throw new IllegalStateException("the definitions hold no DescribeConfigsResponse");
    }
    this.version = version;
    this.schema = found;
  }

  @Override
  public ByteBuf apply(ByteBuf frame, View view) {
    Struct header = Headers.readResponse(schema.apiKey(), version, frame);
    Struct response = TreeReader.read(schema.layout(version), frame);
    for (Struct result : response.getStructs("Results")) {
      if (result.getInt("ResourceType") == BROKER && !result.isNull("Configs")) {
        HostPort address = address(result.getString("ResourceName"), view);
        for (Struct config : result.getStructs("Configs")) {
          hide(config, address);
        }
      }
    }
    ByteBuf out =
        view.allocator().directBuffer(TreeWriter.size(header) + TreeWriter.size(response));
    TreeWriter.write(header, out);
    TreeWriter.write(response, out);
    return out;
  }

  private static HostPort address(String brokerId, View view) {
    HostPort bootstrap = view.addresses().bootstrap(view.local());
    try {
      int id = Integer.parseInt(brokerId);
      return view.addresses().advertisedKnown(id, view.local());
    } catch (NumberFormatException e) {
      return bootstrap; // the resource name "" stands for the cluster-wide defaults
    }
  }

  private static void hide(Struct config, HostPort address) {
    boolean named = ADDRESSES.contains(config.getString("Name"));
    if (named) {
      replace(config, "Value", address);
    }
    if (config.has("Synonyms")) {
      for (Struct synonym : config.getStructs("Synonyms")) {
        if (ADDRESSES.contains(synonym.getString("Name"))) {
          replace(synonym, "Value", address);
        }
      }
    }
  }

  private static void replace(Struct owner, String field, HostPort address) {
    String value = owner.getStringOrNull(field);
    if (value == null || value.isEmpty()) {
      return;
    }
    String replacement =
        value.indexOf(':') < 0
            ? address.host()
            : ADDRESS
                .matcher(value)
                .replaceAll(match ->
                    Matcher.quoteReplacement(
                        (match.group(1) == null ? "" : match.group(1)) + address));
    owner.set(field, replacement);
  }
}
