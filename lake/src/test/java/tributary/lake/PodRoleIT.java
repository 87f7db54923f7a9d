package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tributary.bucket.Bucket;
import tributary.bucket.BucketSettings;
import tributary.testkit.S3Server;

/// A bucket is reached with the role that a token stands for: the token goes to the service of roles, which
/// answers with keys for a while, and with these the bucket is asked.
class PodRoleIT {
    @RegisterExtension
    static final BucketExtension BUCKETS = new BucketExtension();

    private static final String ROLE = "arn:aws:iam::123456789012:role/lake";

    @TempDir
    Path temp;

    @Test
    void tokenOfAPodIsChangedIntoKeysOfItsRole() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer roles = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        roles.createContext("/", exchange -> {
            asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = answer().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/xml");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        roles.start();
        Path token = Files.writeString(temp.resolve("token"), "token-of-the-pod");
        Map<String, String> pod = Map.of(
                "aws.webIdentityTokenFile",
                token.toString(),
                "aws.roleArn",
                ROLE,
                "aws.roleSessionName",
                "tributary",
                "aws.endpointUrlSts",
                "http://127.0.0.1:" + roles.getAddress().getPort());
        pod.forEach(System::setProperty);
        BucketSettings known = BUCKETS.place().bucket();
        BucketSettings keyless = new BucketSettings(known.name(), known.prefix(), known.endpoint(), "", true, "", "");
        try (Bucket bucket = Bucket.open(keyless)) {
            bucket.put("a", new byte[] {7});
            assertThat(bucket.get("a")).containsExactly(7);
        } finally {
            pod.keySet().forEach(System::clearProperty);
            roles.stop(0);
        }
        assertThat(asked)
                .isNotEmpty()
                .allSatisfy(question -> assertThat(question)
                        .contains("Action=AssumeRoleWithWebIdentity", "token-of-the-pod", "role%2Flake"));
    }

    private static String answer() {
        return """
                <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <AssumeRoleWithWebIdentityResult>
                    <Credentials>
                      <AccessKeyId>%s</AccessKeyId>
                      <SecretAccessKey>%s</SecretAccessKey>
                      <SessionToken>for-a-while</SessionToken>
                      <Expiration>%s</Expiration>
                    </Credentials>
                  </AssumeRoleWithWebIdentityResult>
                </AssumeRoleWithWebIdentityResponse>
                """.formatted(
                        S3Server.ACCESS_KEY,
                        S3Server.SECRET_KEY,
                        Instant.now().plusSeconds(3600).toString());
    }
}
