package io.gatehouse.auth.login.token;

import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A provider's file of credentials. It is read at start, so that an invalid one is reported then,
 * and again for each token unless that is switched off.
 */
final class CredentialsFile {

  private final Path file;
  private final boolean again;
  private volatile JsonObject last;

  /**
   * @param again whether to read the file for each token
   * @throws IllegalArgumentException when it cannot be read
   */
  CredentialsFile(Path file, boolean again) {
    this.file = file;
    this.again = again;
    try {
      last = read();
    } catch (LoginFailure e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  JsonObject content() throws LoginFailure {
    if (again) {
      last = read();
    }
    return last;
  }

  String name() {
    return "the credentials file " + file;
  }

  private JsonObject read() throws LoginFailure {
    try {
      return JsonObject.read(Files.readString(file), name());
    } catch (IOException e) {
      throw new LoginFailure(name() + " cannot be read: " + e, e);
    }
  }
}
