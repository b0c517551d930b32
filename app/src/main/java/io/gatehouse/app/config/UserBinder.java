package io.gatehouse.app.config;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.auth.sasl.token.TokenRules;
import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.control.Rights;
import io.gatehouse.control.Rights.Grant;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.http.AdminUser;
import io.gatehouse.http.UserSettings;
import io.gatehouse.tls.PrincipalRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads who may use the admin API: users, a file of users, tokens and client certificates. */
final class UserBinder {

  /** Kinds that users can be given rights for. */
  private static final List<Kind> KINDS =
      Arrays.stream(Kind.values()).filter(kind -> !kind.segment().isEmpty()).toList();

  private UserBinder() {}

  static UserSettings read(Section section) {
    List<AdminUser> users = users(section);
    if (users.isEmpty()) {
      section.absent("users", "admin, with a random password");
    }
    Path file = section.path("usersFile", "none");
    FileOfUsers source = file == null ? null : new FileOfUsers(file);
    PrincipalRules certificates =
        section.value(
            "certificateRules", PrincipalRules.DEFAULT, PrincipalRules::new, Object::toString);
    UserSettings.Tokens tokens = section.has("oidc") ? oidc(section.section("oidc")) : null;
    if (tokens == null) {
      section.absent("oidc", "no tokens");
    }
    return new UserSettings(users, source, certificates, tokens);
  }

  private static List<AdminUser> users(Section section) {
    List<AdminUser> users = new ArrayList<>();
    for (Supplier<Section> opened : section.sections("users")) {
      AdminUser user = user(opened.get());
      if (user != null) {
        users.add(user);
      }
    }
    try {
      UserSettings.requireDistinct(users);
      return users;
    } catch (IllegalArgumentException e) {
      section.problem("users", String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private static @Nullable AdminUser user(Section section) {
    String name = section.text("name", "");
    Secret password = section.secret("password");
    Secret hash = section.secret("passwordHash");
    String certificate = section.optionalText("certificate", "none", Function.identity());
    String subject = section.optionalText("subject", "none", Function.identity());
    boolean admin = section.flag("admin", false);
    List<Grant> grants = null;
    if (section.has("rights")) {
      grants =
          section.sections("rights").stream().map(Supplier::get).map(UserBinder::grant).toList();
    } else {
      section.absent("rights", admin ? "everything" : "to read everything");
    }
    List<Grant> given = grants;
    return section.make(
        () ->
            new AdminUser(
                name,
                new AdminUser.Proofs(password(password, hash), certificate, subject),
                new Rights(admin, given)),
        () -> null);
  }

  private static @Nullable PasswordHash password(@Nullable Secret password, @Nullable Secret hash) {
    if (password != null && hash != null) {
      throw new IllegalArgumentException("password and passwordHash exclude each other");
    }
    if (password != null && password.reveal().isEmpty()) {
      throw new IllegalArgumentException("the password is empty");
    }
    if (hash != null) {
      return PasswordHash.ofBcrypt(hash.reveal());
    }
    return password == null ? null : PasswordHash.ofPlain(password);
  }

  private static Grant grant(Section section) {
    List<Kind> kinds = section.list("kinds", "all", UserBinder::kind, Kind::label);
    List<String> clusters =
        section.list("virtualClusters", "all", Function.identity(), Function.identity());
    List<Rights.Verb> verbs =
        section.list("verbs", "read", text -> Parse.choice(text, Rights.Verb.class), Parse::nameOf);
    section.close();
    return new Grant(
        kinds.isEmpty() ? Set.of() : EnumSet.copyOf(kinds),
        Set.copyOf(clusters),
        verbs.contains(Rights.Verb.WRITE));
  }

  private static Kind kind(String text) {
    for (Kind kind : KINDS) {
      if (kind.label().equalsIgnoreCase(text)) {
        return kind;
      }
    }
    List<String> labels = KINDS.stream().map(Kind::label).toList();
    throw new IllegalArgumentException(
        "'%s' is not one of %s".formatted(text, String.join(", ", labels)));
  }

  private static UserSettings.@Nullable Tokens oidc(Section section) {
    List<String> admins =
        section.list("adminRoles", "nobody", Function.identity(), Function.identity());
    List<String> readers =
        section.list("readRoles", "nobody", Function.identity(), Function.identity());
    String roles = section.text("rolesClaim", "groups");
    boolean audience = section.has("audiences");
    JwksVerifier.Settings keys = VerifierBinder.oidc(section);
    if (keys == null) {
      return null;
    }
    if (!audience) {
      section.problem(
          "audiences", "is missing: without it a token for any other service is accepted here");
      return null;
    }
    TokenRules.Claims claims = keys.rules().claims();
    TokenRules rules =
        keys.rules().with(new TokenRules.Claims(claims.subject(), roles, claims.tenant()));
    return new UserSettings.Tokens(
        new JwksVerifier.Settings(keys.keys(), rules), Set.copyOf(admins), Set.copyOf(readers));
  }

  /** Reads the file of users, if there is one, to find what is wrong with it. */
  static void checkFile(Section section, UserSettings users) {
    UserSettings.UserSource file = users.file();
    try {
      if (file != null) {
        users.with(file.parse(file.text()));
      }
    } catch (IOException | IllegalArgumentException e) {
      section.problem("usersFile", String.valueOf(e.getMessage()));
    }
  }

  /** A YAML file with a list {@code users}, whose items are those of the configuration. */
  record FileOfUsers(Path file) implements UserSettings.UserSource {

    private static final int MAX_BYTES = 4 << 20;

    @Override
    public String text() throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
          throw new IOException("it is larger than " + MAX_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new IOException("cannot read " + file + ": " + e, e);
      }
    }

    @Override
    public List<AdminUser> parse(String text) {
      Problems problems = new Problems();
      Node.Mapping tree = YamlSource.inline(file.toString(), text, Map.of(), problems);
      NativeVariables none = new NativeVariables(Map.of());
      Section root = Section.root(new BindingContext(none, problems, new Listing()), tree);
      List<AdminUser> users = users(root);
      root.close();
      if (!problems.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", problems.lines()));
      }
      return users;
    }
  }
}
