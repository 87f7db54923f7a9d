package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.DeviceId;
import tributary.registry.Certificates.Mark;
import tributary.registry.Credentials.Reason;
import tributary.registry.Credentials.Verdict;
import tributary.testkit.TestAuthority;
import tributary.testkit.TestAuthority.Issued;

/// What every registry promises about certificates of devices. Expectation 12.
abstract class CertificatesContract extends RegistryContract {
    private TestAuthority root;
    private Certificates.Authority authority;

    @BeforeEach
    void addAuthority() {
        root = TestAuthority.root("Acme devices", clock.instant());
        authority = certificates().add(MAIN, "ours", root.pem(), null);
        add("pump-1");
    }

    private Certificates certificates() {
        return registry().certificates();
    }

    private Verdict verify(Issued issued) {
        return certificates().verify(issued.chain());
    }

    private Principal accepted(Issued issued) {
        Verdict verdict = verify(issued);
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).principal();
    }

    private Verdict.Refused refused(Issued issued) {
        Verdict verdict = verify(issued);
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return (Verdict.Refused) verdict;
    }

    @Test
    void certificateOfATenantsAuthorityIsItsDevice() {
        Issued issued = root.issue("pump-1");

        Principal principal = accepted(issued);

        assertThat(principal.tenant()).isEqualTo(MAIN);
        assertThat(principal.device()).isEqualTo(PUMP);
        assertThat(principal.subject()).isEqualTo("device:pump-1");
        assertThat(principal.kind()).isEqualTo(Principal.Kind.DEVICE);
        assertThat(principal.role()).isEqualTo(Principal.Role.DEVICE);
        assertThat(principal.publish()).isEmpty();
        assertThat(principal.expiresAt())
                .isEqualTo(issued.certificate().getNotAfter().toInstant());
        assertThat(certificates().good(principal)).isTrue();
        reopen();
        assertThat(accepted(issued)).isEqualTo(principal);
    }

    @Test
    void deviceIsNamedByUriThenByCommonNameThenByHost() {
        GeneralName uri = new GeneralName(GeneralName.uniformResourceIdentifier, "urn:tributary:device:pump-1");
        GeneralName host = new GeneralName(GeneralName.dNSName, "pump-1");
        GeneralName other = new GeneralName(GeneralName.dNSName, "other-host");
        assertThat(accepted(root.issue("Pump Nr 1", wish -> wish.alternatives(uri, other)))
                        .device())
                .isEqualTo(PUMP);
        assertThat(accepted(root.issue("pump-1", wish -> wish.alternatives(other)))
                        .device())
                .isEqualTo(PUMP);
        assertThat(accepted(root.issue(
                                "x", wish -> wish.named(new X500Name("O=Acme")).alternatives(host)))
                        .device())
                .isEqualTo(PUMP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA2048", "EC", "Ed25519"})
    void everyStrongKeyWillDo(String algorithm) {
        accepted(root.issue("pump-1", wish -> wish.key(algorithm)));
    }

    @Test
    void wayUpMayLeadThroughOthers() {
        TestAuthority line = root.below("Line 1", UnaryOperator.identity());
        accepted(line.issue("pump-1"));
        accepted(line.below("Station 2", UnaryOperator.identity()).issue("pump-1"));
        Issued bare = line.issue("pump-1");
        assertThat(certificates().verify(bare.chain().subList(0, 1)))
                .as("what is between has to be sent")
                .isInstanceOf(Verdict.Refused.class);
        List<X509Certificate> withRoot = new ArrayList<>(bare.chain());
        withRoot.add(root.certificate());
        assertThat(certificates().verify(withRoot)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void timesAreKept() {
        Instant now = clock.instant();
        Issued past = root.issue("pump-1", wish -> wish.valid(now.minusSeconds(20), now.minusSeconds(10)));
        Issued future = root.issue("pump-1", wish -> wish.valid(now.plusSeconds(10), now.plusSeconds(20)));
        assertThat(refused(past).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(refused(future).reason()).isEqualTo(Reason.NOT_YET_VALID);
        clock.advance(Duration.ofSeconds(15));
        Principal principal = accepted(future);
        clock.advance(Duration.ofSeconds(15));
        assertThat(refused(future).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(certificates().good(principal)).isFalse();
    }

    @Test
    void expiredAuthorityIsWorthNothing() {
        Issued issued = root.issue(
                "pump-1", wish -> wish.valid(wish.from(), wish.until().plusSeconds(86_400)));
        accepted(issued);
        clock.advance(Duration.ofDays(30).plusHours(1));
        assertThat(refused(issued).reason()).isEqualTo(Reason.EXPIRED);
        reopen();
        assertThat(refused(issued).detail()).contains("its authority expired");
    }

    @Test
    void strangersAreRefused() {
        assertThat(refused(TestAuthority.selfSigned("pump-1", clock.instant())).detail())
                .contains("self-signed");
        TestAuthority namesake = TestAuthority.root("Acme devices", clock.instant());
        assertThat(refused(namesake.issue("pump-1")).reason())
                .as("the same name, another key")
                .isEqualTo(Reason.UNKNOWN);
        assertThat(certificates().verify(List.of())).isInstanceOf(Verdict.Refused.class);
        assertThat(certificates().verify(List.of(root.certificate()))).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void purposeIsKept() {
        assertThat(refused(root.issue("pump-1", wish -> wish.purposes(KeyPurposeId.id_kp_serverAuth)))
                        .reason())
                .isEqualTo(Reason.WRONG_AUDIENCE);
        accepted(root.issue(
                "pump-1", wish -> wish.purposes(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)));
        accepted(root.issue("pump-1", wish -> wish.purposes(new KeyPurposeId[0])));
    }

    @Test
    void onlyAuthoritiesMaySign() {
        TestAuthority impostor = root.below("line-1", wish -> wish.authority(false));
        assertThat(refused(impostor.issue("pump-1")).detail()).contains("may not sign others");
        assertThat(refused(root.issue("pump-1", wish -> wish.authority(true))).detail())
                .contains("an authority's certificate and not a device's");
    }

    @ParameterizedTest
    @CsvSource({"EC, SHA1, SHA1", "RSA1024, SHA256, too weak"})
    void whatCanBeForgedIsRefused(String key, String hash, String said) {
        Verdict.Refused refused =
                refused(root.issue("pump-1", wish -> wish.key(key).signedWith(hash)));
        assertThat(refused.reason()).isEqualTo(Reason.BAD_SIGNATURE);
        assertThat(refused.detail()).contains(said);
        TestAuthority weak = root.below("weak", wish -> wish.key(key).signedWith(hash));
        assertThat(refused(weak.issue("pump-1")).reason()).isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void namesThatAnAuthorityMayNotGiveAreRefused() {
        TestAuthority line = root.below("Line 1", wish -> wish.allowing("line1.example"));
        GeneralName inside = new GeneralName(GeneralName.dNSName, "a.line1.example");
        GeneralName outside = new GeneralName(GeneralName.dNSName, "a.line2.example");
        accepted(line.issue("pump-1", wish -> wish.alternatives(inside)));
        assertThat(refused(line.issue("pump-1", wish -> wish.alternatives(outside)))
                        .detail())
                .contains("name constraints");

        TestAuthority bound = TestAuthority.root("Bound", clock.instant(), wish -> wish.allowing("line1.example"));
        certificates().add(MAIN, "bound", bound.pem(), null);
        accepted(bound.issue("pump-1", wish -> wish.alternatives(inside)));
        assertThat(refused(bound.issue("pump-1", wish -> wish.alternatives(outside)))
                        .detail())
                .contains("name constraints");
    }

    @Test
    void authorityOfAnotherTenantGivesNoEntry() {
        registry().tenants().add(OTHER, "Other");
        TestAuthority theirs = TestAuthority.root("Other devices", clock.instant());
        certificates()
                .add(
                        OTHER,
                        "theirs",
                        theirs.pem(),
                        theirs.issue("tributary tenant other").pem());
        Issued issued = theirs.issue("pump-1");

        assertThat(refused(issued).detail()).contains("not registered");
        assertThat(refused(issued).tenant()).isEqualTo(OTHER);

        add(OTHER, "pump-1", null);
        assertThat(accepted(issued).tenant()).isEqualTo(OTHER);
        assertThat(certificates().authorities(MAIN)).containsExactly(authority);
        Certificates.Authority added = certificates().authorities(OTHER).getFirst();
        assertThat(certificates().remove(MAIN, added.id())).isFalse();
        assertThat(certificates().revoke(MAIN, added.id(), new Mark.Serial(BigInteger.ONE)))
                .isFalse();
        assertThat(certificates().takeList(MAIN, added.id(), theirs.list(clock.instant(), Set.of())))
                .isEmpty();
        assertThat(certificates().revoked(MAIN, added.id())).isEmpty();
        accepted(issued);
    }

    @Test
    void authorityHasToBeProvedWhereThereAreSeveralTenants() {
        registry().tenants().add(OTHER, "Other");
        TestAuthority theirs = TestAuthority.root("Other devices", clock.instant());
        assertThatThrownBy(() -> certificates().add(OTHER, "", theirs.pem(), null))
                .hasMessageContaining("CN=tributary tenant other");
        for (Issued bad : List.of(
                theirs.issue("tributary tenant main"),
                root.issue("tributary tenant other"),
                TestAuthority.selfSigned("tributary tenant other", clock.instant()))) {
            assertThatThrownBy(() -> certificates().add(OTHER, "", theirs.pem(), bad.pem()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> certificates()
                        .add(
                                OTHER,
                                "",
                                root.pem(),
                                root.issue("tributary tenant other").pem()))
                .as("one authority belongs to one tenant")
                .isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void namesThatCouldBeReadInTwoWaysNameNobody() {
        X500Name twice = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, "pump-1")
                .addRDN(BCStyle.CN, "pump-2")
                .build();
        X500Name multi = new X500NameBuilder(BCStyle.INSTANCE)
                .addMultiValuedRDN(
                        new ASN1ObjectIdentifier[] {BCStyle.CN, BCStyle.CN}, new String[] {"pump-1", "pump-2"})
                .build();
        List<X500Name> tricks = new ArrayList<>(List.of(twice, multi, new X500Name("O=Acme")));
        for (String text : List.of(
                "pump-1\0.evil",
                "pump-1\0",
                "pump\u202e-1",
                "pump-1\u200b",
                " pump-1",
                "pump-1 ",
                "pump-1/../x",
                "pump-1,CN=x",
                "#",
                "+",
                "me",
                "",
                "pump-1\n",
                "a".repeat(129))) {
            tricks.add(name(new DERUTF8String(text)));
        }
        tricks.add(name(new DERBMPString("pump-1")));
        for (X500Name trick : tricks) {
            assertThat(refused(root.issue("x", wish -> wish.named(trick))).reason())
                    .as(trick.toString())
                    .isEqualTo(Reason.UNKNOWN);
        }
        GeneralName one = new GeneralName(GeneralName.uniformResourceIdentifier, "urn:tributary:device:pump-1");
        GeneralName two = new GeneralName(GeneralName.uniformResourceIdentifier, "urn:tributary:device:pump-2");
        assertThat(refused(root.issue("pump-1", wish -> wish.alternatives(one, two)))
                        .detail())
                .contains("names 2 devices");
    }

    private static X500Name name(ASN1Encodable commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .build();
    }

    @Test
    void homographNamesAnotherDevice() {
        Verdict.Refused refused =
                refused(root.issue("x", wish -> wish.named(name(new DERUTF8String("\u0440ump-1"))))); // Cyrillic er
        assertThat(refused.detail()).contains("not registered");
    }

    @Test
    void revokedCertificateIsWorthNothing() {
        Issued first = root.issue("pump-1");
        Issued second = root.issue("pump-1");
        Principal known = accepted(first);
        accepted(second);
        AtomicInteger heard = new AtomicInteger();
        certificates().onChange(heard::incrementAndGet);

        assertThat(certificates()
                        .revoke(
                                MAIN,
                                authority.id(),
                                new Mark.Serial(first.certificate().getSerialNumber())))
                .isTrue();

        assertThat(heard).hasValue(1);
        assertThat(refused(first).reason()).isEqualTo(Reason.REVOKED);
        assertThat(certificates().good(known)).isFalse();
        Principal other = accepted(second);
        String fingerprint = other.credential().substring(other.credential().lastIndexOf(':') + 1);
        certificates().revoke(MAIN, authority.id(), new Mark.Fingerprint(fingerprint));
        assertThat(refused(second).reason()).isEqualTo(Reason.REVOKED);
        reopen();
        assertThat(refused(first).reason()).isEqualTo(Reason.REVOKED);
        assertThat(refused(second).reason()).isEqualTo(Reason.REVOKED);
        assertThat(certificates().good(other)).as("nothing is remembered of it").isFalse();
        accepted(root.issue("pump-1"));
        assertThat(certificates().revoked(MAIN, authority.id()))
                .extracting(Certificates.Revoked::certificate)
                .containsExactlyInAnyOrder(
                        "serial:" + first.certificate().getSerialNumber().toString(16), "sha256:" + fingerprint);
        assertThat(certificates().authorities(MAIN).getFirst().revoked()).isEqualTo(2);
    }

    @Test
    void revokedAuthorityInBetweenTakesAllBelowWithIt() {
        TestAuthority line = root.below("Line 1", UnaryOperator.identity());
        Issued issued = line.issue("pump-1");
        accepted(issued);
        certificates()
                .revoke(MAIN, authority.id(), new Mark.Serial(line.certificate().getSerialNumber()));
        assertThat(refused(issued).reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void revocationListReplacesTheOneBefore() {
        Issued first = root.issue("pump-1");
        Issued second = root.issue("pump-1");
        Instant made = clock.instant();
        BigInteger one = first.certificate().getSerialNumber();
        BigInteger two = second.certificate().getSerialNumber();

        assertThat(certificates().takeList(MAIN, authority.id(), root.list(made, Set.of(one, two))))
                .contains(2);
        assertThat(refused(first).reason()).isEqualTo(Reason.REVOKED);
        assertThat(refused(second).reason()).isEqualTo(Reason.REVOKED);
        certificates().takeList(MAIN, authority.id(), root.list(made.plusSeconds(10), Set.of(two)));
        accepted(first);
        assertThat(refused(second).reason()).isEqualTo(Reason.REVOKED);
        assertThatThrownBy(() -> certificates().takeList(MAIN, authority.id(), root.list(made, Set.of())))
                .hasMessageContaining("before the one in use");
        reopen();
        assertThat(refused(second).reason()).isEqualTo(Reason.REVOKED);
        assertThat(certificates().revoked(MAIN, authority.id()))
                .containsExactly(new Certificates.Revoked("serial:" + two.toString(16), true, clock.instant()));
    }

    @Test
    void listOfAnotherIsRefused() {
        TestAuthority namesake = TestAuthority.root("Acme devices", clock.instant());
        TestAuthority other = TestAuthority.root("Other", clock.instant());
        assertThatThrownBy(() -> certificates()
                        .takeList(MAIN, authority.id(), namesake.list(clock.instant(), Set.of(BigInteger.ONE))))
                .hasMessageContaining("not signed by the authority");
        assertThatThrownBy(() -> certificates()
                        .takeList(MAIN, authority.id(), other.list(clock.instant(), Set.of(BigInteger.ONE))))
                .hasMessageContaining("another authority");
        assertThatThrownBy(() -> certificates().takeList(MAIN, authority.id(), "-----BEGIN X509 CRL-----"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listIsAboutWhatTheAuthoritySignedItself() {
        TestAuthority line = root.below("Line 1", UnaryOperator.identity());
        Issued issued = line.issue("pump-1");
        certificates()
                .takeList(
                        MAIN,
                        authority.id(),
                        root.list(clock.instant(), Set.of(issued.certificate().getSerialNumber())));
        accepted(issued); // the number is one of the line's, and the root's list is not about those
    }

    @Test
    void removedAuthorityTakesItsCertificatesWithIt() {
        Issued issued = root.issue("pump-1");
        Principal principal = accepted(issued);
        certificates().revoke(MAIN, authority.id(), new Mark.Serial(BigInteger.TEN));

        assertThat(certificates().remove(MAIN, authority.id())).isTrue();

        assertThat(refused(issued).reason()).isEqualTo(Reason.UNKNOWN);
        assertThat(certificates().good(principal)).isFalse();
        assertThat(certificates().remove(MAIN, authority.id())).isFalse();
        assertThat(certificates().authorities(MAIN)).isEmpty();
        certificates().add(MAIN, "again", root.pem(), null);
        accepted(issued);
        assertThat(certificates().good(principal))
                .as("of the authority that is gone")
                .isFalse();
    }

    @Test
    void removedDeviceTakesItsCertificateWithIt() {
        Principal principal = accepted(root.issue("pump-1"));
        AtomicInteger heard = new AtomicInteger();
        certificates().onChange(heard::incrementAndGet);
        devices().remove(MAIN, new DeviceId("pump-1"));
        assertThat(heard).hasValue(1);
        assertThat(certificates().good(principal)).isFalse();
    }

    @Test
    void onlyAFitAuthorityIsTaken() {
        Instant now = clock.instant();
        assertThatThrownBy(() -> certificates()
                        .add(MAIN, "", TestAuthority.selfSigned("x", now).pem(), null))
                .hasMessageContaining("CA:FALSE");
        assertThatThrownBy(() -> certificates()
                        .add(
                                MAIN,
                                "",
                                TestAuthority.root(
                                                "x", now, wish -> wish.valid(now.minusSeconds(9), now.minusSeconds(1)))
                                        .pem(),
                                null))
                .hasMessageContaining("expired");
        TestAuthority bound = root.below("Bound", wish -> wish.allowing("a.example"));
        assertThatThrownBy(() -> certificates().add(MAIN, "", bound.pem(), null))
                .hasMessageContaining("give the root above it");
        assertThatThrownBy(() -> certificates()
                        .add(
                                MAIN,
                                "",
                                TestAuthority.root("x", now, wish -> wish.key("RSA1024"))
                                        .pem(),
                                null))
                .hasMessageContaining("too weak");
        assertThatThrownBy(() -> certificates().add(MAIN, "", root.pem() + root.pem(), null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> certificates().add(MAIN, "", "hello", null)).hasMessageContaining("PEM");
        assertThatThrownBy(() -> certificates().add(MAIN, "", root.pem(), null))
                .isInstanceOf(AlreadyExistsException.class);
        assertThat(certificates().authorities(MAIN)).hasSize(1);
    }

    @Test
    void authoritiesAreLimited() {
        for (int i = 1; i < SqlCertificates.AUTHORITIES_MAX; i++) {
            certificates()
                    .add(MAIN, "", TestAuthority.root("x", clock.instant()).pem(), null);
        }
        assertThatThrownBy(() -> certificates()
                        .add(MAIN, "", TestAuthority.root("x", clock.instant()).pem(), null))
                .hasMessageContaining("at most 20");
    }
}
