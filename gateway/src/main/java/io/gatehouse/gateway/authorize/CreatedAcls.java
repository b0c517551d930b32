package io.gatehouse.gateway.authorize;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclStore;
import io.gatehouse.gateway.authorize.AclRequests.Failure;
import io.gatehouse.gateway.metrics.AclMetrics;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Decision.Audited;
import io.gatehouse.gateway.plan.OwnRequest;
import io.gatehouse.gateway.plan.OwnResponse;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The changes of a CreateAcls request. Its valid rules are created together, or none of them. */
final class CreatedAcls {

  private final List<Struct> asked;
  private final ElementResults results;

  /** The rule of each element; null for invalid ones. */
  private final List<@Nullable AclBinding> rules = new ArrayList<>();

  private CreatedAcls(List<Struct> asked) {
    this.asked = asked;
    this.results = new ElementResults(asked.size());
  }

  /**
   * Makes the changes and answers. May block.
   *
   * @throws MalformedMessage if it is not such a request
   */
  static Decision carryOut(User actor, Caller.Access access, ByteBuf frame) {
    CreatedAcls made = new CreatedAcls(OwnRequest.read(frame).getStructs("Creations"));
    made.apply(actor, access);
    return new Decision.Answer(made.answer(frame), made.audited());
  }

  private void apply(User actor, Caller.Access access) {
    Failure failure = AclRequests.unchangeable(access);
    if (failure == null) {
      failure = create(actor, Objects.requireNonNull(access.store()));
    }
    if (failure != null) {
      results.failAll(failure);
    }
    results.count(AclMetrics.Change.CREATE);
  }

  /** Returns why nothing is created, or null. */
  private @Nullable Failure create(User actor, AclStore store) {
    try {
      for (int i = 0; i < asked.size(); i++) {
        AskedRule one = AskedRule.read(asked.get(i));
        rules.add(one.rule());
        if (one.problem() != null) {
          results.fail(i, Failure.invalid(one.problem()));
        }
      }
      Set<AclBinding> valid = new LinkedHashSet<>(rules);
      valid.remove(null);
      if (valid.size() > AclRequests.MOST_CHANGED) {
        return Failure.invalid(
            "create at most %d rules at once".formatted(AclRequests.MOST_CHANGED));
      }
      if (!valid.isEmpty()) {
        store.create(actor, valid);
      }
      return null;
    } catch (AskedRule.Spoiled e) {
      results.clear();
      return Failure.invalid(String.valueOf(e.getMessage()));
    } catch (AclStore.NotKeptException e) {
      return Failure.of(e);
    }
  }

  private ByteBuf answer(ByteBuf frame) {
    return OwnResponse.to(
        frame,
        response -> {
          for (int i = 0; i < asked.size(); i++) {
            results.write(i, response.addStruct("Results"));
          }
        },
        ByteBufAllocator.DEFAULT);
  }

  private Audited audited() {
    return results.audited(
        "CreateAcls", "created", i -> List.of(Objects.requireNonNull(rules.get(i))));
  }
}
