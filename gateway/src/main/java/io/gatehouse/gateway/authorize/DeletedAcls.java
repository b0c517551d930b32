package io.gatehouse.gateway.authorize;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclFilter;
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
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The changes of a DeleteAcls request. Its valid filters take effect together, or none does. */
final class DeletedAcls {

  /** How often a rule is compared with a filter for one request: less than seconds of work. */
  private static final long MOST_COMPARED = 100_000_000;

  private final List<Struct> asked;
  private final ElementResults results;

  /** What each filter has selected. */
  private final List<List<AclBinding>> deleted;

  private DeletedAcls(List<Struct> asked) {
    this.asked = asked;
    this.results = new ElementResults(asked.size());
    this.deleted = new ArrayList<>(Collections.nCopies(asked.size(), List.of()));
  }

  /**
   * Makes the changes and answers. May block.
   *
   * @throws MalformedMessage if it is not such a request
   */
  static Decision carryOut(User actor, Caller.Access access, ByteBuf frame) {
    DeletedAcls made = new DeletedAcls(OwnRequest.read(frame).getStructs("Filters"));
    made.apply(actor, access);
    return new Decision.Answer(made.answer(frame), made.audited());
  }

  private void apply(User actor, Caller.Access access) {
    Failure failure = AclRequests.unchangeable(access);
    if (failure == null) {
      failure =
          delete(actor, access.rights().rules().bindings(), Objects.requireNonNull(access.store()));
    }
    if (failure != null) {
      results.failAll(failure);
    }
    results.count(AclMetrics.Change.DELETE);
  }

  /** Returns why nothing is deleted, or null. */
  private @Nullable Failure delete(User actor, List<AclBinding> present, AclStore store) {
    List<AclFilter> valid = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    try {
      for (int i = 0; i < asked.size(); i++) {
        AskedFilter one = AskedFilter.read(asked.get(i));
        if (one.filter() != null) {
          valid.add(one.filter());
          places.add(i);
        } else {
          results.fail(i, Failure.invalid(String.valueOf(one.problem())));
        }
      }
      Failure tooMuch = tooMuch(valid, present);
      if (tooMuch != null || valid.isEmpty()) {
        return tooMuch;
      }
      List<List<AclBinding>> selected = store.delete(actor, valid);
      for (int i = 0; i < selected.size(); i++) {
        deleted.set(places.get(i), selected.get(i));
      }
      return null;
    } catch (AskedRule.Spoiled e) {
      results.clear();
      return Failure.invalid(String.valueOf(e.getMessage()));
    } catch (AclStore.NotKeptException e) {
      return Failure.of(e);
    }
  }

  /** Why the answer would be too large, or take too long; null if neither. */
  private static @Nullable Failure tooMuch(List<AclFilter> filters, List<AclBinding> present) {
    if ((long) filters.size() * present.size() > MOST_COMPARED) {
      return Failure.invalid(
          "give at most %d filters at once".formatted(MOST_COMPARED / present.size()));
    }
    int selected = 0;
    long bytes = 0;
    for (AclFilter filter : filters) {
      for (AclBinding rule : present) {
        if (filter.matches(rule)) {
          selected++;
          bytes += DescribedAcls.bytes(rule);
        }
        if (selected > AclRequests.MOST_CHANGED || bytes > AclRequests.MOST_BYTES) {
          return Failure.invalid(
              "delete at most %d rules at once".formatted(AclRequests.MOST_CHANGED));
        }
      }
    }
    return null;
  }

  private ByteBuf answer(ByteBuf frame) {
    return OwnResponse.to(
        frame,
        response -> {
          for (int i = 0; i < asked.size(); i++) {
            Struct result = response.addStruct("FilterResults").set("ErrorMessage", null);
            results.write(i, result);
            for (AclBinding rule : deleted.get(i)) {
              Struct one = result.addStruct("MatchingAcls").set("ErrorMessage", null);
              DescribedAcls.writeResources(one, rule.resources());
              DescribedAcls.writeEntry(one, rule);
            }
          }
        },
        ByteBufAllocator.DEFAULT);
  }

  private Audited audited() {
    long count = deleted.stream().flatMap(List::stream).distinct().count();
    return results.audited("DeleteAcls", count + " deleted", deleted::get);
  }
}
