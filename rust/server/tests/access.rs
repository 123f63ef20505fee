//! Access control in the order of a request's steps.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::{batch_request, get_request, store, Harness};
use prost::Message;
use tonic::Code;
use venice_engine::Registry;
use venice_proto::VeniceClientRequest;
use venice_server::internals::config::{AccessSettings, Limits, RefillPolicy};
use venice_server::internals::policy::{Principal, Quota};
use venice_server::internals::read_path::{Admission, AdmissionStep, Failure, ReadPath, ReadStep};
use venice_server::internals::response::{EncodedResponse, Place};
use venice_server::internals::runtime::{ManualClock, MonotonicClock};
use venice_server::internals::transport::PeerIdentity;
use venice_server::{Access, AccessResult, Config};
use venice_wire::status::Status;

/// One principal before a read path, whose quota is one key, and whose access is asked for.
struct Door {
    read_path: ReadPath,
    access: Access,
    quota: Quota,
    principal: Principal,
}

impl Door {
    fn new(registry: &Arc<Registry>) -> Door {
        let clock = Arc::new(ManualClock::default());
        let how = RefillPolicy {
            interval_millis: 1000,
            capacity_multiple: 1,
        };
        let quota = Quota::new(how, 1, clock.clone());
        quota.set_store_version("store_v1", 1, 1.0).unwrap();
        let mut peer = PeerIdentity::without_certificate("127.0.0.1:1".parse().unwrap());
        peer.certificate = Some(Arc::from(&b"certificate"[..]));
        Door {
            read_path: ReadPath::new(Arc::clone(registry), &Limits::of(&Config::default())),
            access: Access::new(AccessSettings::default(), clock),
            quota,
            principal: Principal::new(peer.certificate.clone(), true),
        }
    }

    fn admit(&self, request: &VeniceClientRequest) -> AdmissionStep<'_, ReadStep<EncodedResponse>> {
        let admission = Admission {
            access: Some((&self.access, &self.principal)),
            quota: &self.quota,
            is_retry: false,
            batches_wait: false,
        };
        self.read_path
            .admit(&request.encode_to_vec(), &admission, &mut Place::apart())
    }

    /// The error code of an answer, or the failure, of a request whose access is known.
    fn ask(&self, request: &VeniceClientRequest) -> Result<u32, Failure> {
        let reply = match self.admit(request) {
            AdmissionStep::Decided(Ok(ReadStep::Done(answer))) => answer?,
            AdmissionStep::Decided(Err(failure)) => return Err(failure),
            step => panic!("{step:?}"),
        };
        Ok(venice_proto::VeniceServerResponse::decode(reply.message())
            .unwrap()
            .error_code)
    }

    /// Whether Java has to be asked first.
    fn needs_access(&self, request: &VeniceClientRequest) -> bool {
        matches!(self.admit(request), AdmissionStep::NeedsAccess(_))
    }

    fn answer(&self, answer: AccessResult) {
        self.access
            .try_next_question()
            .expect("a question")
            .answer(answer);
    }

    fn status(&self, request: &VeniceClientRequest) -> Status {
        self.ask(request).unwrap_err().into_reply().unwrap_err()
    }
}

#[test]
fn access_comes_before_keys_and_quota() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    let door = Door::new(&registry);
    let get = get_request("store_v1", 0, b"a");
    let unreadable = VeniceClientRequest {
        key_bytes: vec![0xFF],
        ..batch_request("store_v1", &[])
    };
    assert!(door.needs_access(&get));
    door.answer(AccessResult::Granted);
    assert!(door.needs_access(&unreadable));
    door.answer(AccessResult::Forbidden);
    // Not "cannot parse": who may not read learns nothing else.
    assert!(matches!(door.ask(&unreadable), Err(Failure::Denied(_))));
    // None of these used up the one key.
    assert_eq!(door.ask(&get).unwrap(), 200);
    assert!(matches!(door.ask(&get), Err(Failure::QuotaExceeded)));
}

#[test]
fn every_answer_has_its_status() {
    use venice_wire::status::Code;
    let door = Door::new(&Registry::new());
    let cases = [
        (
            AccessResult::Forbidden,
            Code::PermissionDenied,
            "Access denied!\nIf you are the store owner, add this application (or your own \
             username for Venice shell client) to the store ACL.\nOtherwise, ask the store owner \
             for read permission.",
        ),
        (
            AccessResult::Unauthorized,
            Code::PermissionDenied,
            "ACL not found!\nEither it has not been created, or can not be loaded.\nPlease create \
             the ACL, or report the error if you know for sure that ACL exists for the store",
        ),
        (
            AccessResult::ErrorForbidden,
            Code::PermissionDenied,
            "Internal error occurred while checking ACL.\nPlease report this error to the Venice \
             team.",
        ),
        (
            AccessResult::InvalidCertificate,
            Code::Unauthenticated,
            "Invalid certificate",
        ),
        (
            AccessResult::Failed(Arc::from("boom")),
            Code::Internal,
            "boom",
        ),
    ];
    for (index, (answer, code, message)) in cases.into_iter().enumerate() {
        let get = get_request(&format!("store{index}_v1"), 0, b"a");
        assert!(door.needs_access(&get));
        door.answer(answer);
        let message = message.to_owned();
        assert_eq!(door.status(&get), Status { code, message });
    }
    let invalid = Status {
        code: Code::InvalidArgument,
        message: "Invalid request".to_owned(),
    };
    let no_method = VeniceClientRequest {
        method: String::new(),
        ..get_request("store_v1", 0, b"a")
    };
    assert_eq!(door.status(&no_method), invalid);
    assert_eq!(door.status(&get_request("store", 0, b"a")), invalid);
}

#[tokio::test]
async fn without_tls_nobody_gets_in_and_no_header_helps() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&["bind.address", "127.0.0.1"]).unwrap()
    };
    let clock = Arc::<MonotonicClock>::default();
    let harness = Harness::start_with(&registry, config, clock);
    let mut client = harness.client().await;
    let mut request = tonic::Request::new(get_request("store_v1", 0, b"a"));
    request
        .metadata_mut()
        .insert("server_acl_approved_attribute_key", "true".parse().unwrap());
    let status = client.grpc.get(request).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(status.message(), "SSL Required");
}
