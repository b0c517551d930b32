package io.gatehouse.http;

import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.control.Passwords;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.PasswordRequest;
import io.gatehouse.control.kind.ServiceAccount;
import io.helidon.http.Method;
import java.util.Objects;
import java.util.Set;

/** The passwords of service accounts. Not in Conduktor Gateway (docs/accounts.md). */
record PasswordRoutes(Passwords passwords) {

  private static final String PATH = "service-account/password";

  void addTo(ControlRoutes routes) {
    routes.on(Method.GET, PATH, Set.of(), _ -> list());
    routes.on(Method.PUT, PATH, Set.of(), this::put);
    routes.on(Method.DELETE, PATH, Set.of(), this::delete);
  }

  private Reply list() {
    return Reply.ok(passwords.list().map(PasswordRoutes::shown).toList());
  }

  /** Without the hashes, which would allow to guess passwords. */
  private static Object shown(AccountPassword password) {
    return Json.object(
        "name",
        password.id().name(),
        "vCluster",
        String.valueOf(password.id().tenant()),
        "iterations",
        Objects.requireNonNull(password.credentials().get(ScramHash.SHA_512)).iterations());
  }

  private Reply put(Call call) throws Refusal, InvalidException, MalformedException {
    var request = PasswordRequest.read(call.document());
    var password = passwords.set(request);
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

  private Reply delete(Call call) throws Refusal, InvalidException, MalformedException {
    passwords.delete(ServiceAccount.readId(call.document()));
    return Reply.NOTHING;
  }
}
