package io.gatehouse.testkit.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.AwsAccount;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class AwsEndpointsTest {

  private static final AwsEndpoints AWS =
      AwsEndpoints.start("eu-west-1", new AwsAccount("alice", "ASIA1", "s/ecret", "to+ken="));
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String ROLES = "/latest/meta-data/iam/security-credentials/";

  @AfterAll
  static void stop() {
    CLIENT.close();
    AWS.close();
  }

  @Test
  void metadataNeedsItsToken() throws Exception {
    assertThat(send(request(AWS.url() + ROLES)).statusCode()).isEqualTo(401);
    String token =
        send(request(AWS.url() + "/latest/api/token")
                .header("X-aws-ec2-metadata-token-ttl-seconds", "60")
                .PUT(BodyPublishers.noBody()))
            .body();
    String name = "X-aws-ec2-metadata-token";
    assertThat(send(request(AWS.url() + ROLES).header(name, token)).body())
        .isEqualTo(AwsEndpoints.ROLE);
    assertThat(send(request(AWS.url() + ROLES + AwsEndpoints.ROLE).header(name, token)).body())
        .contains("\"AccessKeyId\": \"ASIA1\"", "\"Token\": \"to+ken=\"");
  }

  @Test
  void containerNeedsItsToken() throws Exception {
    assertThat(send(request(AWS.containerUrl())).statusCode()).isEqualTo(401);
    assertThat(
            send(request(AWS.containerUrl()).header("Authorization", AwsEndpoints.CONTAINER_TOKEN))
                .body())
        .contains("\"SecretAccessKey\": \"s/ecret\"");
  }

  @Test
  void rolesAreAssumed() throws Exception {
    String form = "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Ax&RoleSessionName=s";
    assertThat(send(request(AWS.url()).POST(BodyPublishers.ofString(form))).statusCode())
        .isEqualTo(403);
    String whole = form + "&WebIdentityToken=jwt";
    assertThat(send(request(AWS.url()).POST(BodyPublishers.ofString(whole))).body())
        .contains("<SessionToken>to+ken=</SessionToken>");
    assertThat(AWS.requests()).contains("AssumeRoleWithWebIdentity arn:x");
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }
}
