package io.gatehouse.http;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.control.Passwords;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.PasswordRequest;
import io.gatehouse.control.kind.ServiceAccount;
import io.helidon.http.Method;
import java.util.Map;
import java.util.Set;

/** The passwords of service accounts. Not in Conduktor Gateway (docs/accounts.md). */
final class PasswordRoutes {

  private static final String PATH = "service-account/password";

  private PasswordRoutes() {}

  static void addTo(ControlRoutes routes) {
    routes.onResources(Method.GET, PATH, Set.of(), PasswordRoutes::list);
    routes.onResources(Method.PUT, PATH, Set.of(), PasswordRoutes::put);
    routes.onResources(Method.DELETE, PATH, Set.of(), PasswordRoutes::delete);
  }

  private static Reply list(Call call) {
    return Reply.ok(
        new Passwords(call.administration()).list().map(PasswordRoutes::shown).toList());
  }

  /** Without the hashes, which would allow to guess the passwords. */
  private static Object shown(AccountPassword password) {
    Map<ScramHash, ScramCredential> credentials = password.credentials();
    return Json.object(
        "name",
        password.id().name(),
        "vCluster",
        String.valueOf(password.id().tenant()),
        "iterations",
        credentials.values().stream().mapToInt(ScramCredential::iterations).min().orElseThrow(),
        "mechanisms",
        credentials.keySet().stream().map(ScramHash::mechanism).sorted().toList());
  }

  private static Reply put(Call call) throws Refusal, InvalidException, MalformedException {
    var request = PasswordRequest.read(call.document());
    Secret password;
    try (var _ = call.turns().hash()) {
      password = new Passwords(call.administration()).set(request);
    }
    var answer =
        Json.object(
            "name",
            request.account().name(),
            "vCluster",
            String.valueOf(request.account().tenant()));
    if (request.password() == null) {
      answer.put("password", password.reveal());
    }
    return Reply.ok(answer);
  }

  private static Reply delete(Call call) throws Refusal, InvalidException, MalformedException {
    new Passwords(call.administration()).delete(ServiceAccount.readId(call.document()));
    return Reply.NOTHING;
  }
}
