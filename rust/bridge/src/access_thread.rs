//! Natives of `com.linkedin.venice.rust.AccessThread`.
//!
//! A server never calls into the JVM by itself. Java's own daemon threads come here, wait for
//! questions, and take them to the controller. So nothing has to be attached or detached, no global
//! reference keeps the controller alive, and a JVM that exits does not care about a thread that
//! waits.

use std::sync::Arc;

use jni::errors::Error;
use jni::objects::{JClass, JObject, JString, JValue};
use jni::sys::jlong;
use jni::{jni_sig, jni_str, Env, EnvUnowned};
use venice_server::{Access, AccessResult, Subject};

use crate::read_server_error::ReadServerError;
use crate::rust_read_server::SERVERS;
use crate::throw::ReadServer;

/// Local references of one question: three arguments, the answer, and what a lookup of the method
/// needs.
const REFERENCES: usize = 16;

/// `static native void answerQuestions0(long server, AccessThread thread)`: takes questions to
/// `thread.answer` until the server stops.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_AccessThread_answerQuestions0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    server: jlong,
    thread: JObject<'local>,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        // A server that is gone has no questions. One that is not must not be kept by its thread.
        let access = SERVERS.server(server).ok();
        let access = access.and_then(|server| server.access().cloned());
        if let Some(access) = access {
            answer_questions(env, &thread, &access);
        }
        Ok(())
    })
    .resolve::<ReadServer>()
}

fn answer_questions(env: &Env<'_>, thread: &JObject<'_>, access: &Arc<Access>) {
    while let Some(question) = access.next_question() {
        let answer = env.with_local_frame(REFERENCES, |env| ask(env, thread, question.subject()));
        question.answer(answer.unwrap_or_else(|error| {
            // `answer` throws nothing; memory may be short, though.
            if env.exception_check() {
                env.exception_clear();
            }
            AccessResult::Failed(format!("cannot ask the access controller: {error}").into())
        }));
    }
}

fn ask(env: &mut Env<'_>, thread: &JObject<'_>, subject: &Subject) -> Result<AccessResult, Error> {
    let certificate = env.byte_array_from_slice(&subject.certificate)?;
    let store = env.new_string(&subject.store)?;
    let method = env.new_string(&subject.method)?;
    let answer = env.call_method(
        thread,
        jni_str!("answer"),
        jni_sig!("([BLjava/lang/String;Ljava/lang/String;)Ljava/lang/String;"),
        &[
            JValue::Object(&certificate),
            JValue::Object(&store),
            JValue::Object(&method),
        ],
    )?;
    let answer = answer.l()?;
    let answer = env.cast_local::<JString<'_>>(answer)?.try_to_string(env)?;
    Ok(parse(&answer))
}

/// The form is that of `AccessThread.answer`: a character for the result, and a text.
fn parse(answer: &str) -> AccessResult {
    let mut rest = answer.chars();
    match rest.next() {
        Some('0') => AccessResult::Granted,
        Some('1') => AccessResult::Forbidden,
        Some('2') => AccessResult::Unauthorized,
        Some('3') => AccessResult::ErrorForbidden,
        Some('4') => AccessResult::InvalidCertificate,
        _ => AccessResult::Failed(rest.as_str().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_enum() {
        assert_eq!(parse("0"), AccessResult::Granted);
        assert_eq!(parse("1"), AccessResult::Forbidden);
        assert_eq!(parse("2"), AccessResult::Unauthorized);
        assert_eq!(parse("3"), AccessResult::ErrorForbidden);
        assert_eq!(parse("4"), AccessResult::InvalidCertificate);
        assert_eq!(
            parse("5b\u{f6}se"),
            AccessResult::Failed("b\u{f6}se".into())
        );
        assert_eq!(parse(""), AccessResult::Failed("".into()));
    }
}
