package io.gatehouse.app.remote;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.app.config.Durations;
import io.gatehouse.auth.Secret;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.JavaContext;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.TlsConfigException;
import io.gatehouse.tls.TrustSource;
import java.io.Console;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the admin API: by flags, else by variables of ours, else by those of Conduktor's
 * command line.
 *
 * @param base without a slash at the end
 * @param user null for none
 * @param tls null for Java's own trust and no certificate
 * @param timeout of each request
 */
public record Connection(
    URI base, @Nullable User user, @Nullable SSLContext tls, Duration timeout) {

  static final String DEFAULT_URL = "http://127.0.0.1:8888";

  /** The flags of all commands that use the admin API. */
  public static final String FLAGS =
      """
      yes | url           | string   | http://127.0.0.1:8888 | address of the gateway's HTTP server, or GATEHOUSE_API_URL, or CDK_GATEWAY_BASE_URL
      yes | user          | string   | admin | user of the admin API, or GATEHOUSE_API_USER, or CDK_GATEWAY_USER
      yes | password-file | string   |     | file with the user's password; else GATEHOUSE_API_PASSWORD, or CDK_GATEWAY_PASSWORD, or a prompt
      yes | cacert        | string   |     | PEM file of the authorities to trust, or GATEHOUSE_API_CACERT, or CDK_CACERT
      yes | cert          | string   |     | PEM file of a client certificate, or GATEHOUSE_API_CERT, or CDK_CERT
      yes | key           | string   |     | PEM file of its key, or GATEHOUSE_API_KEY, or CDK_KEY
      yes | timeout       | duration | 30s | time for each request
      """;

  private static final int MAX_PASSWORD_BYTES = 4096;

  /** A user of the admin API. */
  public record User(String name, Secret password) {}

  /** Asks for the user's password if none is given. */
  static Connection of(Arguments arguments, ProgramContext program) throws Failure {
    return of(arguments, program, Connection::ask);
  }

  /** Without a user if no password is given, for calls that many gateways allow without one. */
  static Connection withoutPrompt(Arguments arguments, ProgramContext program) throws Failure {
    return of(arguments, program, _ -> null);
  }

  private static Connection of(Arguments arguments, ProgramContext program, Prompt prompt)
      throws Failure {
    Values values = new Values(arguments, program);
    URI base = base(values);
    User user = user(values, program, prompt);
    if (user != null && base.getScheme().equals("http") && !isLoopback(base.getHost())) {
      program
          .err()
          .println("Warning: the password is sent to " + base.getHost() + " without encryption");
    }
    return new Connection(base, user, tls(values), timeout(arguments));
  }

  private record Values(Arguments arguments, ProgramContext program) {

    @Nullable String get(String flag, String ours, String theirs) {
      String given = arguments.last(flag);
      if (given == null) {
        given = program.variable(ours);
      }
      return given == null ? program.variable(theirs) : given;
    }
  }

  private static URI base(Values values) throws Failure {
    String given = values.get("url", "GATEHOUSE_API_URL", "CDK_GATEWAY_BASE_URL");
    String url = given == null ? DEFAULT_URL : given;
    String whole = url.contains("://") ? url : "http://" + url;
    try {
      URI uri = URI.create(whole.replaceFirst("/+$", ""));
      if (uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && (uri.getScheme().equals("http") || uri.getScheme().equals("https"))) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // Reported below.
    }
    throw new Failure(
        "the address is '" + url + "', but must be a URL such as " + DEFAULT_URL + " (--url)");
  }

  /** Asks for a user's password; null if there is nobody to ask. */
  private interface Prompt {
    @Nullable Secret ask(String name);
  }

  private static @Nullable User user(Values values, ProgramContext program, Prompt prompt)
      throws Failure {
    String given = values.get("user", "GATEHOUSE_API_USER", "CDK_GATEWAY_USER");
    String name = given == null ? "admin" : given;
    if (name.contains(":")) {
      throw new Failure(
          "the user '"
              + name
              + "' has a colon: only its name is given here, and the password by"
              + " --password-file or GATEHOUSE_API_PASSWORD");
    }
    String file = values.arguments.last("password-file");
    if (file != null) {
      return new User(name, secretOf("password-file", Path.of(file)));
    }
    String password = program.variable("GATEHOUSE_API_PASSWORD");
    if (password == null) {
      password = program.variable("CDK_GATEWAY_PASSWORD");
    }
    if (password != null) {
      return new User(name, new Secret(password));
    }
    // A client certificate may be enough; otherwise the gateway says that it is not.
    Secret typed = prompt.ask(name);
    return typed == null ? null : new User(name, typed);
  }

  /** Java 25 has no console if there is no terminal, other releases have one that reads files. */
  @SuppressWarnings("SystemConsoleNull")
  private static @Nullable Secret ask(String name) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return null;
    }
    char[] typed = console.readPassword("Password of the user %s: ", name);
    return typed == null ? null : new Secret(new String(typed));
  }

  /** The text of a file without the line break at its end. */
  static Secret secretOf(String flag, Path file) throws Failure {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_PASSWORD_BYTES + 1);
      String text = new String(bytes, StandardCharsets.UTF_8).stripTrailing();
      if (bytes.length > MAX_PASSWORD_BYTES || text.isEmpty()) {
        throw new Failure("--" + flag + ": " + file + " is empty or too large for a secret");
      }
      return new Secret(text);
    } catch (IOException e) {
      throw new Failure("--" + flag + ": " + file + " cannot be read: " + e);
    }
  }

  private static @Nullable SSLContext tls(Values values) throws Failure {
    String authorities = values.get("cacert", "GATEHOUSE_API_CACERT", "CDK_CACERT");
    String certificate = values.get("cert", "GATEHOUSE_API_CERT", "CDK_CERT");
    String key = values.get("key", "GATEHOUSE_API_KEY", "CDK_KEY");
    if (authorities == null && certificate == null && key == null) {
      return null;
    }
    if ((certificate == null) != (key == null)) {
      throw new Failure("a client certificate needs both --cert and --key");
    }
    TrustSource trust =
        authorities == null
            ? new TrustSource.SystemDefault()
            : new TrustSource.Pem(Path.of(authorities), false);
    KeySource source =
        certificate == null || key == null
            ? null
            : new KeySource.Pem(Path.of(certificate), Path.of(key), null);
    try {
      return JavaContext.of(new ClientTls(source, trust, true, Ciphers.DEFAULT));
    } catch (TlsConfigException e) {
      throw new Failure(String.valueOf(e.getMessage()));
    }
  }

  private static Duration timeout(Arguments arguments) throws Failure {
    String given = arguments.last("timeout");
    try {
      Duration timeout = given == null ? Duration.ofSeconds(30) : Durations.parse(given);
      if (timeout.isPositive()) {
        return timeout;
      }
    } catch (IllegalArgumentException _) {
      // Reported below.
    }
    throw new Failure("--timeout is '" + given + "', but must be a time such as 30s");
  }

  private static boolean isLoopback(String host) {
    try {
      return host.equalsIgnoreCase("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
