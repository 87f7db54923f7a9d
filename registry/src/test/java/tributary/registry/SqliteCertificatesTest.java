package tributary.registry;

final class SqliteCertificatesTest extends CertificatesContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }
}
