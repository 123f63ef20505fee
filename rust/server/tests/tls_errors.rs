//! Files that cannot be used: the server does not start, and says which, why, and what to do.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::key_stores::{both, bytes, Files};
use venice_engine::Registry;
use venice_server::{Config, Server};

/// The error of a start with these settings; `{}` stands for the folder of the files.
fn error(files: &Files, settings: &[&str]) -> String {
    let folder = files.setting("");
    let settings: Vec<String> = settings
        .iter()
        .map(|text| text.replace("{}", &folder))
        .collect();
    let config = Config::from_pairs(&settings).unwrap();
    let error = Server::start(config, Registry::new()).err().unwrap();
    error.to_string().replace(&folder, "{}")
}

/// The error of a start with this key store and with more settings.
fn with(files: &Files, file: &str, more: &[&str]) -> String {
    let file = format!("{{}}{file}");
    let key_store = ["tls.key.store", &file, "tls.client.auth", "none"];
    error(files, &[&key_store, more].concat())
}

fn key_store(file: &str, reason: &str) -> String {
    format!("cannot use {{}}{file} (setting tls.key.store): {reason}")
}

const NO_PEM: &str =
    "the file is no PEM; other key stores are opened by Java: start the server by \
                      RustReadServer, or convert the file (openssl pkcs12 -nodes)";

#[test]
fn each_bad_file_has_its_error() {
    let files = Files::new();
    files.write("empty", b"");
    files.write("noise", &[7; 1000]);
    files.write("broken.pem", &bytes("server.pem")[..300]);
    // What is binary may have anything in it.
    files.write("text.p12", b"0\x82\x01\x00-----BEGIN CERTIFICATE-----");
    files.write("text.jks", b"\xFE\xED\xFE\xED-----BEGIN CERTIFICATE-----");
    for (file, reason) in [
        ("nothing", "No such file or directory (os error 2)"),
        ("empty", "the file is empty"),
        ("noise", NO_PEM),
        ("server.p12", NO_PEM),
        ("text.p12", NO_PEM),
        ("text.jks", NO_PEM),
        (
            "server.pem",
            "the file has no private key; name the file that has it by tls.private.key",
        ),
        (
            "server-key.pem",
            "the file has no certificate for the server to show",
        ),
    ] {
        assert_eq!(with(&files, file, &[]), key_store(file, reason));
    }
    let broken = with(&files, "broken.pem", &[]);
    assert!(
        broken.starts_with(&key_store("broken.pem", "the file is damaged PEM: ")),
        "{broken}"
    );
    assert_eq!(
        with(&files, "server-both.pem", &["tls.key.store.type", "JKS"]),
        key_store("server-both.pem", NO_PEM)
    );
    assert_eq!(
        with(
            &files,
            "server.pem",
            &["tls.private.key", "{}server-key-encrypted.pem"]
        ),
        key_store(
            "server.pem",
            "an encrypted private key in PEM is not supported; decrypt it (openssl pkey), or use \
             PKCS#12, which has a password"
        )
    );
    assert_eq!(
        with(
            &files,
            "server.pem",
            &["tls.private.key", "{}client-key.pem"]
        ),
        key_store(
            "server.pem",
            "the private key is not that of the first certificate"
        )
    );
    assert_eq!(
        with(&files, "server.pem", &["tls.private.key", "{}gone"]),
        "cannot use {}gone (setting tls.private.key): No such file or directory (os error 2)"
    );
}

#[test]
fn keys_that_cannot_sign_are_named() {
    const USE: &str = "use RSA of 2048 to 4096 bits, EC of P-256, P-384 or P-521, or Ed25519";
    let files = Files::new();
    for (kind, is) in [
        ("ed448", "of kind Ed448"),
        ("secp256k1", "an EC key of curve secp256k1"),
        ("rsa8192", "an RSA key of 8192 bits"),
        ("rsa1024", "an RSA key of 1024 bits"),
    ] {
        files.write("key.pem", &both(&format!("kind-{kind}")));
        let expected = key_store("key.pem", &format!("its private key is {is}; {USE}"));
        assert_eq!(with(&files, "key.pem", &[]), expected);
    }
    files.write("key.pem", &both("kind-pss-salt"));
    assert_eq!(
        with(&files, "key.pem", &[]),
        key_store(
            "key.pem",
            "its private key is an RSASSA-PSS key whose parameters no scheme of TLS has; make it \
             without, or for SHA-256, SHA-384 or SHA-512 with MGF1 and salt of the same length"
        )
    );
    // Of the kind that its certificate says, and another's.
    let mixed = [bytes("kind-pss-key.pem"), bytes("kind-pss-sha384.pem")];
    files.write("key.pem", &mixed.concat());
    assert_eq!(
        with(&files, "key.pem", &[]),
        key_store(
            "key.pem",
            "the private key is not that of the first certificate"
        )
    );
}

#[test]
fn a_file_without_an_end_is_refused() {
    let files = Files::new();
    assert_eq!(
        error(
            &files,
            &["tls.key.store", "/dev/zero", "tls.client.auth", "none"]
        ),
        "cannot use /dev/zero (setting tls.key.store): the file has more than 67108864 bytes; give \
         a key store"
    );
}

#[test]
fn settings_that_do_not_fit_together_have_their_errors() {
    let files = Files::new();
    let key_store = ["tls.key.store", "{}server-both.pem"];
    assert_eq!(
        error(&files, &key_store),
        "tls.client.auth is required, and tls.trust.store is not set; set it to the file with the \
         certificates that clients' are signed by, or tls.client.auth to none"
    );
    for (setting, value) in [
        ("tls.trust.store", "{}ca.pem"),
        ("tls.trust.store.type", "JKS"),
        ("tls.key.store.type", "JKS"),
    ] {
        assert_eq!(
            error(&files, &[setting, value]),
            format!(
                "{setting} is set, and tls.key.store is not; set it to have TLS, or remove {setting}"
            )
        );
    }
    for (trust, reason) in [
        ("server-key.pem", "the file has no certificate to trust"),
        ("gone", "No such file or directory (os error 2)"),
        ("server.p12", NO_PEM),
    ] {
        assert_eq!(
            error(
                &files,
                &[
                    &key_store[..],
                    &["tls.trust.store", &format!("{{}}{trust}")]
                ]
                .concat()
            ),
            format!("cannot use {{}}{trust} (setting tls.trust.store): {reason}")
        );
    }
}
