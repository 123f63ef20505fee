//! Server reflection: off unless it is set; then what grpcurl and its like ask is answered.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::http2::{framed, grpc, Http2};
use harness::{Harness, HANG};
use prost::Message;
use tokio::time::timeout;
use venice_engine::Registry;
use venice_server::internals::services::reflection::{V1, V1ALPHA};

const NOT_FOUND: i32 = 5;
const INVALID_ARGUMENT: i32 = 3;

/// The messages of `proto/grpc/reflection/v1/reflection.proto`, for a client.
#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(string, tag = "1")]
    host: String,
    #[prost(oneof = "Asked", tags = "3, 4, 5, 6, 7")]
    asked: Option<Asked>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Asked {
    #[prost(string, tag = "3")]
    FileByFilename(String),
    #[prost(string, tag = "4")]
    FileContainingSymbol(String),
    #[prost(message, tag = "5")]
    FileContainingExtension(Extension),
    #[prost(string, tag = "6")]
    AllExtensionNumbersOfType(String),
    #[prost(string, tag = "7")]
    ListServices(String),
}

#[derive(Clone, PartialEq, Message)]
struct Extension {
    #[prost(string, tag = "1")]
    containing_type: String,
    #[prost(int32, tag = "2")]
    extension_number: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(message, optional, tag = "2")]
    original_request: Option<Request>,
    #[prost(oneof = "Answered", tags = "4, 5, 6, 7")]
    answered: Option<Answered>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Answered {
    #[prost(message, tag = "4")]
    Files(Files),
    #[prost(message, tag = "5")]
    ExtensionNumbers(ExtensionNumbers),
    #[prost(message, tag = "6")]
    Services(Services),
    #[prost(message, tag = "7")]
    Error(Error),
}

#[derive(Clone, PartialEq, Message)]
struct Files {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file_descriptor_proto: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct ExtensionNumbers {
    #[prost(string, tag = "1")]
    base_type_name: String,
    #[prost(int32, repeated, tag = "2")]
    extension_number: Vec<i32>,
}

#[derive(Clone, PartialEq, Message)]
struct Services {
    #[prost(message, repeated, tag = "1")]
    service: Vec<Service>,
}

#[derive(Clone, PartialEq, Message)]
struct Service {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Error {
    #[prost(int32, tag = "1")]
    error_code: i32,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// Of `google.protobuf.FileDescriptorProto`: name, package, and the names of messages and services.
#[derive(Clone, PartialEq, Message)]
struct File {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "4")]
    messages: Vec<Service>,
    #[prost(message, repeated, tag = "6")]
    services: Vec<Service>,
}

fn reflecting() -> Harness {
    Harness::start(&Registry::new(), &["reflection", "true"])
}

fn question(asked: Asked) -> Request {
    Request {
        host: "server".to_owned(),
        asked: Some(asked),
    }
}

fn responses(mut body: &[u8]) -> Vec<Response> {
    let mut responses = Vec::new();
    while let Some((prefix, rest)) = body.split_first_chunk::<5>() {
        assert_eq!(prefix[0], 0);
        let length = u32::from_be_bytes(prefix[1..].try_into().unwrap()) as usize;
        let (message, rest) = rest.split_at(length);
        responses.push(Response::decode(message).unwrap());
        body = rest;
    }
    assert!(body.is_empty());
    responses
}

/// Asks all on one call. Every answer has its question in it.
async fn ask(method: &str, asked: &[Asked]) -> Vec<Answered> {
    let harness = reflecting();
    let mut http2 = Http2::connect(harness.address()).await;
    let questions: Vec<Request> = asked.iter().cloned().map(question).collect();
    let body: Vec<u8> = questions
        .iter()
        .flat_map(|question| framed(0, &question.encode_to_vec()))
        .collect();
    let answer = http2.call(grpc(method), &body).await;
    assert_eq!(answer.status(), ("0", ""));
    let responses = responses(&answer.body);
    let echoed: Vec<Request> = responses
        .iter()
        .map(|response| response.original_request.clone().unwrap())
        .collect();
    assert_eq!(echoed, questions);
    responses
        .into_iter()
        .map(|response| response.answered.unwrap())
        .collect()
}

/// The one file of an answer.
fn file(answered: &Answered) -> File {
    match answered {
        Answered::Files(files) => {
            assert_eq!(files.file_descriptor_proto.len(), 1);
            File::decode(&files.file_descriptor_proto[0][..]).unwrap()
        }
        other => panic!("no file: {other:?}"),
    }
}

fn error(answered: &Answered) -> (i32, &str) {
    match answered {
        Answered::Error(error) => (error.error_code, &error.error_message),
        other => panic!("no error: {other:?}"),
    }
}

#[tokio::test]
async fn without_the_setting_the_method_does_not_exist() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    for method in [V1, V1ALPHA] {
        let body = framed(
            0,
            &question(Asked::ListServices(String::new())).encode_to_vec(),
        );
        let answer = http2.call(grpc(method), &body).await;
        let expected = format!("Method not found: {}", &method[1..]);
        assert_eq!(answer.status(), ("12", &*expected));
        assert!(answer.body.is_empty());
    }
}

#[tokio::test]
async fn every_service_is_listed_and_has_its_file() {
    for method in [V1, V1ALPHA] {
        let listed = ask(method, &[Asked::ListServices("*".to_owned())]).await;
        let Answered::Services(listed) = &listed[0] else {
            panic!("no services: {listed:?}");
        };
        let names: Vec<&str> = listed.service.iter().map(|one| &*one.name).collect();
        assert_eq!(
            names,
            [
                "com.linkedin.venice.protocols.VeniceReadService",
                "com.linkedin.venice.rust.protocols.StreamingReadService",
                "com.linkedin.venice.rust.protocols.StoreMetadataService",
                "com.linkedin.venice.rust.protocols.ReadComputeService",
                "grpc.health.v1.Health",
                "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection",
            ]
        );
        let symbols: Vec<Asked> = names
            .iter()
            .map(|name| Asked::FileContainingSymbol((*name).to_owned()))
            .collect();
        for (name, answered) in names.iter().zip(ask(method, &symbols).await) {
            let file = file(&answered);
            let service = format!("{}.{}", file.package, file.services[0].name);
            assert_eq!(&service, name);
            assert!(!file.messages.is_empty());
        }
    }
}

#[tokio::test]
async fn files_are_found_by_name_and_by_each_symbol_in_them() {
    let names = ["VeniceReadService.proto", "grpc/health/v1/health.proto"];
    let by_name = names.map(|name| Asked::FileByFilename(name.to_owned()));
    let by_name = ask(V1, &by_name).await;
    assert_eq!([0, 1].map(|index| file(&by_name[index]).name), names);
    let read_service = [
        "VeniceReadService",
        "VeniceReadService.batchGet",
        "VeniceClientRequest",
        "VeniceClientRequest.keyBytes",
    ]
    .map(|name| Asked::FileContainingSymbol(format!("com.linkedin.venice.protocols.{name}")));
    let health = [
        "Health.Watch",
        "HealthCheckResponse.ServingStatus",
        // Values of an enumeration stand beside it.
        "HealthCheckResponse.NOT_SERVING",
    ]
    .map(|name| Asked::FileContainingSymbol(format!("grpc.health.v1.{name}")));
    for (symbols, expected) in [(&read_service[..], &by_name[0]), (&health, &by_name[1])] {
        for answered in ask(V1, symbols).await {
            assert_eq!(&answered, expected);
        }
    }
}

#[tokio::test]
async fn what_is_unknown_is_an_answer_and_the_call_goes_on() {
    let answers = ask(
        V1,
        &[
            Asked::FileByFilename("no.proto".to_owned()),
            Asked::FileContainingSymbol("no.Symbol".to_owned()),
            Asked::FileContainingExtension(Extension {
                containing_type: "grpc.health.v1.HealthCheckRequest".to_owned(),
                extension_number: 7,
            }),
            Asked::AllExtensionNumbersOfType("no.Message".to_owned()),
            Asked::AllExtensionNumbersOfType("grpc.health.v1.HealthCheckRequest".to_owned()),
            Asked::ListServices(String::new()),
        ],
    )
    .await;
    assert_eq!(
        error(&answers[0]),
        (
            NOT_FOUND,
            "no file \"no.proto\"; the files are VeniceReadService.proto, \
             StreamingReadService.proto, StoreMetadataService.proto, ReadComputeService.proto, \
             grpc/health/v1/health.proto, \
             grpc/reflection/v1/reflection.proto, grpc/reflection/v1alpha/reflection.proto"
        )
    );
    assert_eq!(
        error(&answers[1]),
        (
            NOT_FOUND,
            "no symbol \"no.Symbol\"; give a full name, such as \
             com.linkedin.venice.protocols.VeniceReadService"
        )
    );
    assert_eq!(
        error(&answers[2]),
        (
            NOT_FOUND,
            "no extension 7 of \"grpc.health.v1.HealthCheckRequest\"; no message has any"
        )
    );
    assert_eq!(error(&answers[3]), (NOT_FOUND, "no message \"no.Message\""));
    assert_eq!(
        answers[4],
        Answered::ExtensionNumbers(ExtensionNumbers {
            base_type_name: "grpc.health.v1.HealthCheckRequest".to_owned(),
            extension_number: vec![],
        })
    );
    assert!(matches!(answers[5], Answered::Services(_)));
}

#[tokio::test]
async fn broken_questions_end_the_call_and_empty_ones_do_not() {
    let harness = reflecting();
    let mut http2 = Http2::connect(harness.address()).await;
    let empty = http2.call(grpc(V1), &framed(0, &[])).await;
    assert_eq!(empty.status(), ("0", ""));
    let answered = responses(&empty.body).remove(0).answered.unwrap();
    assert_eq!(error(&answered).0, INVALID_ARGUMENT);

    let broken = http2.call(grpc(V1), &framed(0, &[0x1A, 9])).await;
    assert_eq!(
        broken.status(),
        (
            "13",
            "cannot parse ServerReflectionRequest: message ends inside a field at byte 2"
        )
    );
    let long = http2.call(grpc(V1), &framed(0, &[0; 5000])).await;
    assert_eq!(
        long.status(),
        (
            "8",
            "request of 5000 bytes is larger than the limit of 4096 bytes"
        )
    );
}

#[tokio::test]
async fn an_open_call_ends_with_its_deadline_and_does_not_hold_up_the_drain() {
    let harness = Arc::new(reflecting());
    let mut http2 = Http2::connect(harness.address()).await;
    let mut request = grpc(V1);
    request
        .headers_mut()
        .insert("grpc-timeout", "20m".parse().unwrap());
    let (response, _open) = http2.open(request).await;
    let late = harness::http2::Answer::receive(response).await;
    assert_eq!(late.status().0, "4");

    let (response, _open) = http2.open(grpc(V1)).await;
    let response = timeout(HANG, response).await.unwrap().unwrap();
    let stopping = tokio::task::spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    let mut body = response.into_body();
    let trailers = timeout(HANG, body.trailers());
    let trailers = trailers.await.unwrap().unwrap().unwrap();
    assert_eq!(trailers["grpc-status"], "14");
    assert!(
        timeout(HANG, stopping).await.unwrap().unwrap(),
        "nothing was cut"
    );
}
