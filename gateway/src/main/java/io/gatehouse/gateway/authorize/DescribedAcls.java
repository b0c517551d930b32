package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclFilter;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.authorize.AclRequests.Failure;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.OwnRequest;
import io.gatehouse.gateway.plan.OwnResponse;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers DescribeAcls with the rules that a filter selects, by resources. */
final class DescribedAcls {

  /** The fields of a rule that are not texts, and the lengths of those that are. */
  private static final int FIXED_BYTES = 20;

  private final Map<ResourcePattern, List<AclBinding>> found = new LinkedHashMap<>();

  private DescribedAcls() {}

  /**
   * The response; the caller owns it.
   *
   * @throws MalformedMessage if it is not such a request
   */
  static ByteBuf answer(Caller.Access access, ByteBuf frame) {
    Struct request = OwnRequest.read(frame);
    DescribedAcls described = new DescribedAcls();
    Failure failure = AclRequests.denied(access, Operation.DESCRIBE);
    if (failure == null) {
      failure = described.find(access.rights().rules().bindings(), request);
    }
    return described.answer(frame, failure);
  }

  /** Returns why the rules cannot be told, or null. */
  private @Nullable Failure find(List<AclBinding> rules, Struct request) {
    AclFilter filter;
    try {
      filter = AskedFilter.read(request).filter();
    } catch (AskedRule.Spoiled e) {
      return Failure.invalid(String.valueOf(e.getMessage()));
    }
    long bytes = 0;
    for (AclBinding rule : rules) {
      if (filter == null || !filter.matches(rule)) {
        continue;
      }
      bytes += bytes(rule);
      if (bytes > AclRequests.MOST_BYTES) {
        return Failure.invalid("these are too many rules: ask for some of them");
      }
      found.computeIfAbsent(rule.resources(), _ -> new ArrayList<>(1)).add(rule);
    }
    return null;
  }

  private ByteBuf answer(ByteBuf frame, @Nullable Failure failure) {
    return OwnResponse.to(
        frame,
        response -> {
          if (failure != null) {
            failure.write(response);
            return;
          }
          found.forEach((resources, rules) -> {
            Struct group = response.addStruct("Resources");
            writeResources(group, resources);
            rules.forEach(rule -> writeEntry(group.addStruct("Acls"), rule));
          });
        },
        ByteBufAllocator.DEFAULT);
  }

  static void writeResources(Struct to, ResourcePattern resources) {
    to.set("ResourceType", resources.type().code())
        .set("ResourceName", resources.name())
        .setIfPresent("PatternType", resources.match().code());
  }

  static void writeEntry(Struct to, AclBinding rule) {
    to.set("Principal", rule.principal().toString())
        .set("Host", rule.host())
        .set("Operation", rule.operation().code())
        .set("PermissionType", rule.permission().code());
  }

  /** About the bytes of a rule in an answer. */
  static int bytes(AclBinding rule) {
    return FIXED_BYTES
        + ByteBufUtil.utf8Bytes(rule.resources().name())
        + ByteBufUtil.utf8Bytes(rule.principal().type())
        + ByteBufUtil.utf8Bytes(rule.principal().name())
        + ByteBufUtil.utf8Bytes(rule.host());
  }
}
