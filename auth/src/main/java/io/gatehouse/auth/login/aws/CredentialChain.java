package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Http;
import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds an account's credentials in the order of the AWS SDKs: system properties, environment, web
 * identity, profile, container, instance. The first configured source counts; if it fails, that is
 * an error and no other source is tried.
 */
record CredentialChain(AwsAccount account, AwsEnvironment environment, Http http) {

  /** How often keys in files are read again. */
  private static final Duration FILES = Duration.ofMinutes(5);

  private static final AwsKeys.Names PROPERTIES =
      new AwsKeys.Names("aws.accessKeyId", "aws.secretAccessKey", "aws.sessionToken");
  private static final AwsKeys.Names VARIABLES =
      new AwsKeys.Names("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN");
  private static final AwsKeys.Names IN_PROFILE =
      new AwsKeys.Names("aws_access_key_id", "aws_secret_access_key", "aws_session_token");

  AwsCredentials fetch() throws LoginFailure {
    AwsCredentials found = base();
    AwsRole role = account.role();
    if (role == null) {
      return found;
    }
    String region = role.region() != null ? role.region() : region();
    return new Sts(environment, http, region).assume(role, found);
  }

  /** The configured region or that of the environment; null if neither is set. */
  @Nullable String region() throws LoginFailure {
    if (account.region() != null) {
      return account.region();
    }
    for (String name : new String[] {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
      String region = environment.variable(name);
      if (region != null) {
        return region;
      }
    }
    Map<String, String> profile = Profiles.read(environment).get(profileName());
    String region = profile == null ? null : profile.get("region");
    return region != null ? region : new Metadata(environment, http).instanceRegion();
  }

  private String profileName() {
    return account.profile() != null
        ? account.profile()
        : environment.variable("AWS_PROFILE", "default");
  }

  private AwsCredentials base() throws LoginFailure {
    if (account.keys() != null) {
      return AwsCredentials.lasting(account.keys());
    }
    if (account.profile() != null) {
      return ofProfile(account.profile(), new LinkedHashSet<>());
    }
    AwsCredentials found = ofProcess();
    if (found == null) {
      found = ofWebIdentity();
    }
    if (found == null && (environment.variable("AWS_PROFILE") != null || hasDefaultProfile())) {
      found = ofProfile(profileName(), new LinkedHashSet<>());
    }
    Metadata metadata = new Metadata(environment, http);
    if (found == null) {
      found = metadata.container();
    }
    if (found == null) {
      found = metadata.instance();
    }
    if (found == null) {
      throw new LoginFailure(
          "there are no AWS credentials: neither given, nor in AWS_ACCESS_KEY_ID,"
              + " AWS_WEB_IDENTITY_TOKEN_FILE, a profile (AWS_PROFILE, ~/.aws), the container, nor"
              + " the EC2 instance");
    }
    return found;
  }

  /** From the process: system properties, then environment variables. */
  private @Nullable AwsCredentials ofProcess() throws LoginFailure {
    AwsKeys keys = keys(PROPERTIES, environment.properties());
    if (keys == null) {
      keys = keys(VARIABLES, environment.variables()::get);
    }
    return keys == null ? null : AwsCredentials.lasting(keys);
  }

  private static @Nullable AwsKeys keys(
      AwsKeys.Names names, Function<String, @Nullable String> source) throws LoginFailure {
    try {
      return AwsKeys.of(names, new AwsKeys.Named(source));
    } catch (IllegalArgumentException e) {
      throw new LoginFailure("AWS credentials: " + e.getMessage(), e);
    }
  }

  private @Nullable AwsCredentials ofWebIdentity() throws LoginFailure {
    String file = environment.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    String arn = environment.variable("AWS_ROLE_ARN");
    if (file == null) {
      return null;
    }
    if (arn == null) {
      throw new LoginFailure("AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN");
    }
    AwsRole role = new AwsRole(arn, environment.variable("AWS_ROLE_SESSION_NAME"), null, null);
    return ofWebIdentity(role, file);
  }

  private AwsCredentials ofWebIdentity(AwsRole role, String file) throws LoginFailure {
    try {
      String token = Files.readString(Path.of(file)).strip();
      return new Sts(environment, http, region()).assumeWithWebIdentity(role, token);
    } catch (IOException e) {
      throw new LoginFailure("the web identity token cannot be read: " + e.getMessage(), e);
    }
  }

  private boolean hasDefaultProfile() throws LoginFailure {
    Map<String, String> profile = Profiles.read(environment).get("default");
    return profile != null
        && profile.keySet().stream()
            .anyMatch(key ->
                key.equals("aws_access_key_id")
                    || key.equals("role_arn")
                    || key.equals("credential_process"));
  }

  private AwsCredentials ofProfile(String name, Set<String> path) throws LoginFailure {
    if (!path.add(name)) {
      throw new LoginFailure("the AWS profiles " + path + " are each other's source_profile");
    }
    Map<String, String> profile = Profiles.read(environment).get(name);
    if (profile == null) {
      throw new LoginFailure(
          "there is no AWS profile " + name + " in ~/.aws/config or credentials");
    }
    String arn = profile.get("role_arn");
    if (arn != null) {
      return ofRoleIn(name, profile, arn, path);
    }
    return ofKeysIn(name, profile);
  }

  private AwsCredentials ofRoleIn(
      String name, Map<String, String> profile, String arn, Set<String> path) throws LoginFailure {
    if (profile.containsKey("mfa_serial")) {
      throw new LoginFailure("the AWS profile " + name + " asks for a second factor (mfa_serial)");
    }
    AwsRole role =
        new AwsRole(arn, profile.get("role_session_name"), profile.get("external_id"), null);
    String tokenFile = profile.get("web_identity_token_file");
    if (tokenFile != null) {
      return ofWebIdentity(role, tokenFile);
    }
    String source = profile.get("source_profile");
    AwsCredentials by;
    if (source == null) {
      by = ofSource(name, profile.getOrDefault("credential_source", ""));
    } else if (source.equals(name)) {
      by = ofKeysIn(name, profile);
    } else {
      by = ofProfile(source, path);
    }
    String region = profile.get("region");
    return new Sts(environment, http, region != null ? region : region()).assume(role, by);
  }

  private AwsCredentials ofSource(String name, String source) throws LoginFailure {
    Metadata metadata = new Metadata(environment, http);
    AwsCredentials found =
        switch (source) {
          case "Environment" -> ofProcess();
          case "EcsContainer" -> metadata.container();
          case "Ec2InstanceMetadata" -> metadata.instance();
          default ->
              throw new LoginFailure(
                  "the AWS profile "
                      + name
                      + " has a role_arn but neither source_profile nor a known"
                      + " credential_source (Environment, EcsContainer, Ec2InstanceMetadata)");
        };
    if (found == null) {
      throw new LoginFailure("the AWS profile " + name + ": " + source + " has no credentials");
    }
    return found;
  }

  private AwsCredentials ofKeysIn(String name, Map<String, String> profile) throws LoginFailure {
    AwsKeys keys = keys(IN_PROFILE, profile::get);
    if (keys != null) {
      return new AwsCredentials(
          keys.accessKeyId(),
          keys.secretAccessKey(),
          keys.sessionToken(),
          environment.clock().instant().plus(FILES));
    }
    String command = profile.get("credential_process");
    if (command != null) {
      return CredentialProcess.run(
          command, name, account.environment().with("AWS_*").filter(environment.variables()));
    }
    throw new LoginFailure(
        "the AWS profile "
            + name
            + " has neither keys, role_arn nor credential_process"
            + (profile.keySet().stream().anyMatch(key -> key.startsWith("sso_"))
                ? "; for its SSO set credential_process = aws configure export-credentials"
                    + " --format process --profile ..."
                : ""));
  }
}
