//! Whose a certificate is, as operators are told.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::CertificateDer;
use venice_server::internals::transport::CertificateFacts;

const CENTURY: i64 = 36_500 * 86_400;

fn of(pem: &[u8]) -> CertificateFacts {
    CertificateFacts::of(&CertificateDer::from_pem_slice(pem).unwrap())
}

#[test]
fn a_certificate_says_whose_it_is() {
    // As tests/key_stores/make.sh makes them; `openssl x509 -noout -subject -issuer -ext subjectAltName` says
    // the same.
    let facts = of(include_bytes!("key_stores/server.pem"));
    assert_eq!((&*facts.subject, &*facts.issuer), ("CN=server", "CN=ca"));
    assert_eq!(facts.names, ["localhost"]);
    let valid = facts.not_after.unwrap() - facts.not_before.unwrap();
    assert_eq!(valid, CENTURY);
    assert_eq!(facts.sha256.len(), 64);
    assert!(!facts.serial.is_empty() && !facts.serial.starts_with("00"));

    let facts = of(include_bytes!("key_stores/client.pem"));
    assert_eq!(facts.subject, "OU=readers, CN=client");
    assert!(facts.names.is_empty());
}

#[test]
fn what_is_no_certificate_is_read_as_far_as_it_goes() {
    let whole = CertificateDer::from_pem_slice(include_bytes!("key_stores/server.pem")).unwrap();
    let all = CertificateFacts::of(&whole);
    for length in 0..whole.len() {
        let facts = CertificateFacts::of(&whole[..length]);
        assert_ne!(facts, all);
        assert!([String::new(), all.subject.clone()].contains(&facts.subject));
    }
    let mut changed = whole.to_vec();
    for at in 0..whole.len() {
        for byte in 0..=255 {
            changed[at] = byte;
            let facts = CertificateFacts::of(&changed);
            let mut texts = [facts.subject, facts.issuer].into_iter().chain(facts.names);
            assert!(texts.all(|text| !text.contains(char::is_control) && text.len() < 1000));
        }
        changed[at] = whole[at];
    }
}
