//! rustls over ring, and what the JDK verifies beyond it: P-521, SHA-512 with the smaller curves, and
//! RSASSA-PSS keys (docs/adr has why not another provider).

use std::sync::{Arc, LazyLock};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{ring, CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use crate::transport::tls::ecdsa;
use crate::transport::tls::pss;

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

static ALL: LazyLock<Vec<Algorithm>> = LazyLock::new(|| {
    let ring = ring::default_provider().signature_verification_algorithms;
    let added = ecdsa::VERIFICATION.iter().chain(pss::VERIFICATION);
    ring.all.iter().chain(added).copied().collect()
});

static SCHEMES: LazyLock<Vec<(SignatureScheme, &'static [Algorithm])>> = LazyLock::new(|| {
    let ring = ring::default_provider().signature_verification_algorithms;
    let pss = pss::SCHEMES.iter().map(|known| (known.scheme, known.keys));
    let mut schemes = ring.mapping.to_vec();
    schemes.push((SignatureScheme::ECDSA_NISTP521_SHA512, ecdsa::SHA512));
    schemes.extend(pss);
    schemes
});

/// The cryptography of a server's handshakes; clients in tests verify servers by it.
pub fn provider() -> CryptoProvider {
    CryptoProvider {
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &ALL,
            mapping: &SCHEMES,
        },
        ..ring::default_provider()
    }
}

/// Verifies clients as rustls does, and signatures of RSASSA-PSS keys, whose one scheme stands for
/// several forms of the key, of which rustls tries the first alone. In TLS 1.2 rustls does not ask for
/// them.
#[derive(Debug)]
pub(crate) struct ClientVerifier(pub(crate) Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for ClientVerifier {
    fn offer_client_auth(&self) -> bool {
        self.0.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.0.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match pss::keys_of(signature.scheme) {
            Some(keys) => verify(message, certificate, signature, keys),
            None => self
                .0
                .verify_tls13_signature(message, certificate, signature),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Verifies by the algorithm that is for the certificate's form of key.
fn verify(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
    algorithms: &[Algorithm],
) -> Result<HandshakeSignatureValid, Error> {
    let bad = |error| Error::InvalidCertificate(error);
    let certificate = webpki::EndEntityCert::try_from(certificate)
        .map_err(|_| bad(CertificateError::BadEncoding))?;
    for algorithm in algorithms {
        match certificate.verify_signature(*algorithm, message, signature.signature()) {
            Ok(()) => return Ok(HandshakeSignatureValid::assertion()),
            Err(webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
            Err(_) => break,
        }
    }
    Err(bad(CertificateError::BadSignature))
}
