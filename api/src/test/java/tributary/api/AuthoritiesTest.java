package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.TenantId;
import tributary.registry.Certificates;
import tributary.registry.Credentials.Verdict;
import tributary.testkit.TestAuthority;
import tributary.testkit.TestAuthority.Issued;

class AuthoritiesTest {
    private static final String ALL = "/api/v1/authorities";

    @TempDir
    private Path data;

    private final TestAuthority root = TestAuthority.root("Acme devices", Instant.now());
    private World world;

    @BeforeEach
    void open() {
        world = new World(data);
        world.device(TenantId.MAIN, "pump-1");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private World.Reply add(String key, String certificate, String proof) {
        ObjectNode body = Json.object();
        body.put("title", "ours");
        body.put("certificate", certificate);
        if (proof != null) {
            body.put("proof", proof);
        }
        return world.post(key, ALL, Json.text(body));
    }

    private String proof(TenantId tenant) {
        return root.issue(Certificates.proofName(tenant)).pem();
    }

    private boolean good(Issued issued) {
        return world.registry.certificates().verify(issued.chain()) instanceof Verdict.Accepted;
    }

    @Test
    void authorityIsAddedListedAndRemoved() {
        World.Reply added = add(world.owner, root.pem(), proof(TenantId.MAIN));
        assertThat(added.status()).as(added.text()).isEqualTo(201);
        String id = added.json().path("id").asString();
        assertThat(added.json().path("subject").asString()).isEqualTo("CN=Acme devices");
        assertThat(good(root.issue("pump-1"))).isTrue();
        assertThat(world.get(world.operator, ALL)
                        .json()
                        .path("authorities")
                        .get(0)
                        .path("id")
                        .asString())
                .isEqualTo(id);
        assertThat(world.get(world.stranger, ALL).json().path("authorities")).isEmpty();
        assertThat(world.send("DELETE", world.stranger, ALL + "/" + id, null).status())
                .isEqualTo(404);

        assertThat(world.send("DELETE", world.owner, ALL + "/" + id, null).status())
                .isEqualTo(204);

        assertThat(good(root.issue("pump-1"))).isFalse();
        assertThat(world.send("DELETE", world.owner, ALL + "/" + id, null).status())
                .isEqualTo(404);
    }

    @Test
    void refusalSaysWhatIsWrong() {
        assertThat(add(world.owner, "hello", null).text()).contains("PEM");
        assertThat(add(world.owner, root.pem(), null).text()).contains("CN=tributary tenant main");
        assertThat(add(world.owner, root.issue("x").pem(), null).text()).contains("CA:FALSE");
        assertThat(add(world.operator, root.pem(), proof(TenantId.MAIN)).status())
                .isEqualTo(403);
        assertThat(add(world.owner, root.pem(), proof(TenantId.MAIN)).status()).isEqualTo(201);
        assertThat(add(world.stranger, root.pem(), proof(World.OTHER)).status()).isEqualTo(409);
    }

    @Test
    void certificatesAreRevokedBySerialFingerprintAndList() {
        String id = add(world.owner, root.pem(), proof(TenantId.MAIN))
                .json()
                .path("id")
                .asString();
        String revocations = ALL + "/" + id + "/revocations";
        Issued first = root.issue("pump-1");
        Issued second = root.issue("pump-1");
        Issued third = root.issue("pump-1");
        String serial = first.certificate().getSerialNumber().toString(16);
        assertThat(world.post(world.owner, revocations, "{\"serial\":\"" + serial + "\"}")
                        .status())
                .isEqualTo(204);
        assertThat(good(first)).isFalse();
        assertThat(good(second)).isTrue();

        Verdict.Accepted known =
                (Verdict.Accepted) world.registry.certificates().verify(second.chain());
        String credential = known.principal().credential();
        String fingerprint = credential.substring(credential.lastIndexOf(':') + 1);
        assertThat(world.post(world.owner, revocations, "{\"fingerprint\":\"" + fingerprint.toUpperCase() + "\"}")
                        .status())
                .isEqualTo(204);
        assertThat(good(second)).isFalse();

        ObjectNode list = Json.object();
        list.put(
                "list",
                root.list(Instant.now(), Set.<BigInteger>of(third.certificate().getSerialNumber())));
        assertThat(world.send("PUT", world.owner, ALL + "/" + id + "/revocation-list", Json.text(list))
                        .status())
                .isEqualTo(204);
        assertThat(good(third)).isFalse();
        assertThat(world.get(world.operator, revocations).text())
                .contains("serial:" + serial)
                .contains("sha256:" + fingerprint)
                .contains("\"listed\":true");
        assertThat(world.get(world.stranger, revocations).status()).isEqualTo(404);
        for (String bad :
                new String[] {"{}", "{\"serial\":\"xyz\"}", "{\"serial\":\"1\",\"fingerprint\":\"" + fingerprint + "\"}"
                }) {
            assertThat(world.post(world.owner, revocations, bad).status()).isEqualTo(400);
        }
        assertThat(world.send("PUT", world.owner, ALL + "/" + id + "/revocation-list", "{\"list\":\"x\"}")
                        .text())
                .contains("revocation list in PEM");
    }
}
