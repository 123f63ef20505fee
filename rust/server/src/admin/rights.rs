//! What those who ask may see, and have a server do. Looking, changing, and seeing keys are rights of their own.

use crate::config::admin::AdminSettings;
use crate::config::names::{ADMIN_CHANGE, ADMIN_KEYS, ADMIN_VIEW};

/// The rights of one who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rights {
    /// What the server shows, but for keys.
    pub(crate) sees: bool,
    /// Settings, hot keys, drain.
    pub(crate) changes: bool,
    /// Keys of stores, where hot keys were counted with them.
    pub(crate) sees_keys: bool,
    /// By what the server is known to who asks.
    pub(crate) door: Door,
}

/// The ways to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Door {
    /// The socket of this process's user.
    Socket,
    /// The port, with a certificate of these names.
    Port(Vec<String>),
}

impl Rights {
    /// Of the user of this process, who has the socket.
    pub(crate) fn of_socket(shows_keys: bool) -> Rights {
        Rights {
            sees: true,
            changes: true,
            sees_keys: shows_keys,
            door: Door::Socket,
        }
    }

    /// Why one who asks may not have this done.
    pub(crate) fn without(&self, setting: &str) -> String {
        match &self.door {
            Door::Socket => {
                "keys are not shown here; count them without show_keys, or start the server with \
                 admin.socket.keys=true"
                    .to_owned()
            }
            Door::Port(names) => {
                let names: String = names.join(", ").chars().take(200).collect();
                let names = match &names[..] {
                    "" => "has no name that can be given rights".to_owned(),
                    names => format!("is that of {names}"),
                };
                format!("{setting} does not name this client, whose certificate {names}")
            }
        }
    }
}

/// Who may do what at the port, by the names of certificates.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    sees: Names,
    changes: Names,
    sees_keys: Names,
}

impl Allowed {
    /// As the settings say.
    pub(crate) fn of(settings: &AdminSettings) -> Allowed {
        Allowed {
            sees: Names::of(settings.port_view.as_deref()),
            changes: Names::of(settings.port_change.as_deref()),
            sees_keys: Names::of(settings.port_keys.as_deref()),
        }
    }

    /// Whether nobody may do anything: then the port is of no use.
    pub(crate) fn is_nobody(&self) -> bool {
        [&self.sees, &self.changes, &self.sees_keys]
            .iter()
            .all(|names| names.0.is_empty())
    }

    /// The rights of a certificate with these names. Who may change something, or see keys, may look.
    pub(crate) fn rights(&self, names: Vec<String>) -> Rights {
        let changes = self.changes.has(&names);
        let sees_keys = self.sees_keys.has(&names);
        Rights {
            sees: changes || sees_keys || self.sees.has(&names),
            changes,
            sees_keys,
            door: Door::Port(names),
        }
    }
}

/// Names of certificates; `*` is all that the trust store verifies.
#[derive(Debug, Clone)]
struct Names(Vec<String>);

impl Names {
    fn of(list: Option<&str>) -> Names {
        let names = list.unwrap_or_default().split(',').map(str::trim);
        let names = names.filter(|name| !name.is_empty());
        Names(names.map(str::to_owned).collect())
    }

    fn has(&self, names: &[String]) -> bool {
        self.0
            .iter()
            .any(|known| known == "*" || names.contains(known))
    }
}

impl Rights {
    /// Why one who asks may not look.
    pub(crate) fn without_view(&self) -> String {
        self.without(ADMIN_VIEW)
    }

    /// Why one who asks may change nothing.
    pub(crate) fn without_change(&self) -> String {
        self.without(ADMIN_CHANGE)
    }

    /// Why one who asks is shown no keys.
    pub(crate) fn without_keys(&self) -> String {
        self.without(ADMIN_KEYS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(view: Option<&str>, change: Option<&str>, keys: Option<&str>) -> Allowed {
        Allowed::of(&AdminSettings {
            port_view: view.map(str::to_owned),
            port_change: change.map(str::to_owned),
            port_keys: keys.map(str::to_owned),
            ..AdminSettings::default()
        })
    }

    fn of(allowed: &Allowed, names: &[&str]) -> (bool, bool, bool) {
        let rights = allowed.rights(names.iter().map(|name| (*name).to_owned()).collect());
        (rights.sees, rights.changes, rights.sees_keys)
    }

    #[test]
    fn rights_are_given_by_exact_names() {
        let some = allowed(
            Some("CN=viewer, DNS:watch.example"),
            Some("CN=operator"),
            Some("URI:spiffe://d/k"),
        );
        assert!(!some.is_nobody());
        assert_eq!(of(&some, &["CN=viewer"]), (true, false, false));
        assert_eq!(
            of(&some, &["CN=x", "DNS:watch.example"]),
            (true, false, false)
        );
        assert_eq!(of(&some, &["CN=operator"]), (true, true, false));
        assert_eq!(of(&some, &["URI:spiffe://d/k"]), (true, false, true));
        for nobody in [
            "CN=Viewer",
            "viewer",
            "DNS:viewer",
            "CN=viewer2",
            "CN=view",
            "*",
            "",
        ] {
            assert_eq!(of(&some, &[nobody]), (false, false, false), "{nobody}");
        }
        assert_eq!(of(&some, &[]), (false, false, false));
    }

    #[test]
    fn a_star_is_all_and_nothing_is_nobody() {
        let all = allowed(Some("*"), None, None);
        assert_eq!(of(&all, &[]), (true, false, false));
        for empty in [None, Some(""), Some(" , ")] {
            assert!(allowed(empty, None, None).is_nobody());
        }
    }
}
