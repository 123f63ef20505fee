//! Files that cannot be used: the server does not start, and says which, why, and what to do.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::key_stores::{bytes, Files, PASSWORD};
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

#[test]
fn each_bad_file_has_its_error() {
    let files = Files::new();
    files.write("empty", b"");
    files.write("noise", &[7; 1000]);
    files.write("short.p12", &bytes("server.p12")[..100]);
    files.write("short.jks", &bytes("server.jks")[..100]);
    let mut changed = bytes("server.jks").to_vec();
    changed[200] ^= 1;
    files.write("changed.jks", &changed);
    files.write("broken.pem", &bytes("server.pem")[..300]);

    let with = |file: &str, more: &[&str]| {
        let file = format!("{{}}{file}");
        let password = [
            "tls.key.store.password",
            PASSWORD,
            "tls.client.auth",
            "none",
        ];
        error(
            &files,
            &[&["tls.key.store", &file][..], &password, more].concat(),
        )
    };
    let key_store = |file: &str, reason: &str| {
        format!("cannot use {{}}{file} (setting tls.key.store): {reason}")
    };
    let unknown = "the file is neither PEM nor a Java key store (JKS) nor PKCS#12";
    let wrong = "the password is wrong, or the file is damaged";
    for (file, reason) in [
        ("nothing", "No such file or directory (os error 2)"),
        ("empty", unknown),
        ("noise", unknown),
        (
            "short.p12",
            "the file is damaged: it ends in the middle of a value",
        ),
        ("short.jks", wrong),
        ("changed.jks", wrong),
        (
            "server.jceks",
            "a key store of type JCEKS is not supported; write the file anew with keytool of JDK \
             17 or openssl 3",
        ),
        (
            "two-keys.p12",
            "the file has 2 private keys: server, spare; name one by its alias (tls.key.alias)",
        ),
        (
            "trust.jks",
            "the file has no private key for the server to use",
        ),
        (
            "trust.p12",
            "the file has no private key for the server to use",
        ),
        (
            "server.pem",
            "the file has no private key; name the file that has it by tls.private.key",
        ),
        (
            "server-key.pem",
            "the file has no certificate for the server to show",
        ),
        (
            "server-key-password.jks",
            "the password of the private key is wrong; give it (tls.key.password) if it is not \
             that of the file",
        ),
    ] {
        assert_eq!(with(file, &[]), key_store(file, reason));
    }
    assert!(
        with("broken.pem", &[]).starts_with(&key_store("broken.pem", "the file is damaged PEM: "))
    );

    assert_eq!(
        with("server.p12", &["tls.key.alias", "me"]),
        key_store(
            "server.p12",
            "the file has no private key of alias \"me\"; it has server"
        )
    );
    for file in [
        "server.p12",
        "server.jks",
        "server-legacy.p12",
        "server-openssl-legacy.p12",
    ] {
        assert_eq!(
            with(file, &["tls.key.store.password", "another"]),
            key_store(file, wrong)
        );
    }
    assert_eq!(
        with(
            "server.pem",
            &["tls.private.key", "{}server-key-encrypted.pem"]
        ),
        key_store(
            "server.pem",
            "an encrypted private key in PEM (PKCS#12 and JKS have passwords) is not supported; \
             write the file anew with keytool of JDK 17 or openssl 3"
        )
    );
    assert_eq!(
        with("server.pem", &["tls.private.key", "{}client-key.pem"]),
        key_store(
            "server.pem",
            "the private key is not that of the first certificate"
        )
    );
    assert_eq!(
        with("server.pem", &["tls.private.key", "{}gone"]),
        "cannot use {}gone (setting tls.private.key): No such file or directory (os error 2)"
    );
    for file in ["server.p12", "server.jks"] {
        assert_eq!(
            error(
                &files,
                &[
                    "tls.key.store",
                    &format!("{{}}{file}"),
                    "tls.client.auth",
                    "none"
                ]
            ),
            key_store(file, "the file is encrypted; give its password")
        );
    }
}

#[test]
fn settings_that_do_not_fit_together_have_their_errors() {
    let files = Files::new();
    let key_store = [
        "tls.key.store",
        "{}server.p12",
        "tls.key.store.password",
        PASSWORD,
    ];
    assert_eq!(
        error(&files, &key_store),
        "tls.client.auth is required, and tls.trust.store is not set; set it to the file with the \
         certificates that clients' are signed by, or tls.client.auth to none"
    );
    assert_eq!(
        error(&files, &["tls.trust.store", "{}ca.pem"]),
        "tls.trust.store is set, and tls.key.store is not; set it to have TLS, or remove \
         tls.trust.store"
    );
    for (trust, reason) in [
        ("server-key.pem", "the file has no certificate to trust"),
        ("gone", "No such file or directory (os error 2)"),
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
    let protected = [
        "tls.trust.store",
        "{}trust.p12",
        "tls.trust.store.password",
        "another",
    ];
    assert_eq!(
        error(&files, &[&key_store[..], &protected].concat()),
        "cannot use {}trust.p12 (setting tls.trust.store): the password is wrong, or the file is \
         damaged"
    );
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let files = Files::new();
    for name in ["server.jks", "server.p12", "server-legacy.p12", "trust.p12"] {
        let whole = bytes(name);
        let step = whole.len() / 60;
        for at in (0..whole.len()).step_by(step) {
            let mut damaged = whole.to_vec();
            damaged[at] ^= 0xFF;
            files.write("damaged", &damaged);
            // Without a password nothing protects the reader from what the bytes say.
            let settings = [
                "bind.address",
                "127.0.0.1",
                "tls.key.store",
                &files.setting("damaged"),
                "tls.client.auth",
                "none",
            ];
            let config = Config::from_pairs(&settings).unwrap();
            assert!(
                Server::start(config, Registry::new()).is_err(),
                "{name} at {at}"
            );
        }
    }
}
