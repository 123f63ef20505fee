//! Settings of the admin socket and of the admin port.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use crate::config::names::{ADMIN_CHANGE, ADMIN_KEYS, ADMIN_PORT, ADMIN_SOCKET, ADMIN_VIEW};
use crate::config::reasons::{CERTIFICATES, LISTENS, RIGHTS};
use crate::config::setting::{address, file, flag, number, settings, text, Field, Setting};

settings! {
    /// Where operators look at the server, and change it.
    pub struct AdminSettings {
        /// Path of a unix socket on which operators see what the server does and change it, by HTTP/1.1
        /// (docs/admin.md). Its folder has to be there. Only the user of this process may connect (mode 0600). A
        /// socket that a server left behind is replaced; one that is in use, and a file that is no socket,
        /// keep the server from starting. Beside it lies a file with `.lock` behind the name. Without
        /// it there is no socket.
        socket: Option<PathBuf> = None, file(ADMIN_SOCKET).at_start(LISTENS),
            acts in "lifecycle/administration.rs";

        /// Whether who has the socket may have the keys shown that are read most (docs/hot-keys.md). Else they have
        /// numbers there: the socket shows no key.
        socket_keys: bool = false, flag("admin.socket.keys").at_start(RIGHTS),
            acts in "lifecycle/administration.rs";

        /// TCP port at which operators find what `admin.socket` has, over TLS of its own: who asks shows a
        /// certificate, whose names `admin.port.view`, `admin.port.change` and `admin.port.keys` give rights.
        /// With -1 there is none, with 0 it is any that is free.
        port: i32 = -1, number(ADMIN_PORT, "", -1..=65535).at_start(LISTENS),
            acts in "admin/port.rs";

        /// Address that `admin.port` is listened on. By default only programs of this machine reach it.
        bind_address: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST), address("admin.bind.address").at_start(LISTENS),
            acts in "admin/port.rs";

        /// PEM file with the certificates that operators are shown at `admin.port`, and their private key unless
        /// `admin.tls.private.key` has it. It is read again when it changes, as `tls.reload.ms` says.
        tls_key_store: Option<PathBuf> = None, file("admin.tls.key.store").at_start(CERTIFICATES),
            acts in "admin/port.rs";

        /// PEM file with the private key, if `admin.tls.key.store` has none.
        tls_private_key: Option<PathBuf> = None, file("admin.tls.private.key").at_start(CERTIFICATES),
            acts in "admin/port.rs";

        /// PEM file with the certificates that operators' are to be signed by. It had better not be that of clients
        /// that read.
        tls_trust_store: Option<PathBuf> = None, file("admin.tls.trust.store").at_start(CERTIFICATES),
            acts in "admin/port.rs";

        /// Who may look at `admin.port`: names of certificates with commas between them, such as `CN=operator`,
        /// `DNS:host.example`, `URI:spiffe://domain/operator`, `email:me@example`. A name has to be the same
        /// letter by letter; `*` is every certificate that the trust store verifies. Without it nobody may, but
        /// those of the other two.
        port_view: Option<String> = None, text(ADMIN_VIEW).at_start(RIGHTS),
            acts in "admin/rights.rs";

        /// Who may also change something at `admin.port`: settings, sessions of hot keys, drain. Names as in
        /// `admin.port.view`. Without it nobody may.
        port_change: Option<String> = None, text(ADMIN_CHANGE).at_start(RIGHTS),
            acts in "admin/rights.rs";

        /// Who may also be shown keys at `admin.port`, where hot keys were counted with them. Names as in
        /// `admin.port.view`. Without it nobody may.
        port_keys: Option<String> = None, text(ADMIN_KEYS).at_start(RIGHTS),
            acts in "admin/rights.rs";
    }
}
