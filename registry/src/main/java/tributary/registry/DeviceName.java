package tributary.registry;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import tributary.model.DeviceId;
import tributary.model.Quote;

/// Reads which device a certificate is of: from a URI `urn:tributary:device:<id>` among its alternative names,
/// else from its common name, else from a DNS name. Whatever could be read in two ways names nobody.
final class DeviceName {
    static final String URN = "urn:tributary:device:";

    private static final int DNS = 2;
    private static final int URI = 6;
    private static final int NAMES_MAX = 100;

    private DeviceName() {}

    /// Why a certificate names no device, for the owner.
    static final class NamelessException extends Exception {
        private static final long serialVersionUID = 1;

        NamelessException(String detail) {
            super(detail);
        }
    }

    static DeviceId of(X509Certificate certificate) throws NamelessException {
        List<String> urns = new ArrayList<>();
        List<String> hosts = new ArrayList<>();
        for (List<?> name : alternatives(certificate)) {
            if (name.get(1) instanceof String text) {
                if (name.get(0).equals(URI) && text.startsWith(URN)) {
                    urns.add(text.substring(URN.length()));
                } else if (name.get(0).equals(DNS)) {
                    hosts.add(text);
                }
            }
        }
        List<String> common = commonNames(certificate);
        List<String> candidates = !urns.isEmpty() ? urns : !common.isEmpty() ? common : hosts;
        if (candidates.size() != 1) {
            throw new NamelessException(
                    candidates.isEmpty()
                            ? "the certificate names no device: give it the device's id as common name, or the"
                                    + " alternative name URI:" + URN + "<id>"
                            : "the certificate names " + candidates.size() + " devices, and it can be only one");
        }
        String id = candidates.getFirst();
        if (!DeviceId.valid(id)) {
            throw new NamelessException("'" + Quote.shorten(id)
                    + "' in the certificate cannot be a device's id: 1 to 128 letters, digits and '. _ - :'");
        }
        return new DeviceId(id);
    }

    private static Collection<List<?>> alternatives(X509Certificate certificate) throws NamelessException {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names != null && names.size() > NAMES_MAX) {
                throw new NamelessException("the certificate has more than " + NAMES_MAX + " alternative names");
            }
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            throw new NamelessException("the certificate's alternative names cannot be read");
        }
    }

    /// Read from the bytes: a text form of the name would have to be taken apart again, and that is where
    /// tricks live.
    private static List<String> commonNames(X509Certificate certificate) throws NamelessException {
        List<String> names = new ArrayList<>();
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        for (RDN rdn : subject.getRDNs()) {
            for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
                if (part.getType().equals(BCStyle.CN)) {
                    names.add(text(part.getValue()));
                }
            }
        }
        return names;
    }

    private static String text(ASN1Encodable value) throws NamelessException {
        boolean known = value instanceof ASN1UTF8String
                || value instanceof ASN1PrintableString
                || value instanceof ASN1IA5String;
        if (!known) {
            throw new NamelessException(
                    "the common name in the certificate is written in an encoding of old; use UTF-8");
        }
        return ((ASN1String) value).getString();
    }
}
