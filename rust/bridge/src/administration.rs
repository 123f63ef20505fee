//! Natives of `com.linkedin.venice.rust.ReadServerNatives` by which a running server is drained and changed.

use jni::objects::{JClass, JLongArray, JString};
use jni::sys::{jboolean, jlong, jlongArray, jstring};
use jni::EnvUnowned;
use venice_server::{DrainPlan, Phase, Step};

use crate::read_server_error::ReadServerError;
use crate::read_servers;
use crate::rust_read_server::{text, SERVERS};
use crate::throw::ReadServer;

/// `static native long[] drain0(long handle, long quietMillis, long boundMillis)`: drains the server, and waits
/// for it. Returns whether it was marked down in discovery (-1 if nobody announces it), whether it was idle,
/// whether all was answered (1 or 0), how many calls were cut, and how many milliseconds it took.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_drain0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    quiet_millis: jlong,
    bound_millis: jlong,
) -> jlongArray {
    env.with_env(|env| -> Result<JLongArray<'local>, ReadServerError> {
        let plan = DrainPlan {
            quiet: read_servers::drain_time(quiet_millis)?,
            bound: read_servers::drain_time(bound_millis)?,
            end: true,
        };
        let report = SERVERS.server(handle)?.drain(plan)?;
        let numbers = [
            report.marked_down.map_or(-1, jlong::from),
            jlong::from(report.idle),
            jlong::from(report.answered),
            jlong::try_from(report.calls_cut).unwrap_or(jlong::MAX),
            jlong::try_from(report.time.as_millis()).unwrap_or(jlong::MAX),
        ];
        let array = env.new_long_array(numbers.len())?;
        array.set_region(env, 0, &numbers)?;
        Ok(array)
    })
    .resolve::<ReadServer>()
    .into_raw()
}

/// `static native void undrain0(long handle)`: takes a drain back.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_undrain0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    env.with_env(|_| -> Result<(), ReadServerError> { Ok(SERVERS.server(handle)?.undrain()?) })
        .resolve::<ReadServer>()
}

/// Phases in the order of Java's `ReadServerPhase`.
const PHASES: [Phase; 4] = [
    Phase::Serving,
    Phase::Leaving,
    Phase::Draining,
    Phase::Ended,
];

/// `static native long awaitStep0(long handle, long known, long boundMillis)`: waits until the server has gone on
/// from the step `known`, 0 being where it begins, and returns where it is. The two low bits of a step are the phase; a
/// server that was stopped has ended.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_awaitStep0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    known: jlong,
    bound_millis: jlong,
) -> jlong {
    env.with_env(|_| -> Result<jlong, ReadServerError> {
        let bound = read_servers::drain_time(bound_millis)?;
        let known = Step {
            phase: PHASES[known as usize & 3],
            leaves: known.cast_unsigned() >> 2,
        };
        let step = match SERVERS.server(handle) {
            Ok(server) => server.await_step(known, bound),
            Err(_) => Step {
                phase: Phase::Ended,
                ..known
            },
        };
        Ok((step.leaves << 2).cast_signed() | step.phase as jlong)
    })
    .resolve::<ReadServer>()
}

/// `static native void announced0(long handle)`: from now on somebody marks the server down in discovery.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_announced0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) {
    env.with_env(|_| -> Result<(), ReadServerError> {
        SERVERS.server(handle)?.is_announced();
        Ok(())
    })
    .resolve::<ReadServer>()
}

/// `static native void markedDown0(long handle, boolean held)`: the server that leaves is marked down.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_markedDown0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    held: jboolean,
) {
    env.with_env(|_| -> Result<(), ReadServerError> {
        SERVERS.server(handle)?.marked_down(held);
        Ok(())
    })
    .resolve::<ReadServer>()
}

/// `static native void change0(long handle, String setting, String value)`: changes a setting.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_change0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    setting: JString<'local>,
    value: JString<'local>,
) {
    env.with_env(|env| -> Result<(), ReadServerError> {
        let setting = text(env, &setting, "the setting")?;
        let value = text(env, &value, "the value")?;
        SERVERS.server(handle)?.change(&setting, &value)?;
        Ok(())
    })
    .resolve::<ReadServer>()
}

/// `static native String setting0(long handle, String setting)`: the value of a setting as it is now; null if it
/// has none. Passwords are stars.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_setting0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    setting: JString<'local>,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        let setting = text(env, &setting, "the setting")?;
        match SERVERS.server(handle)?.settings().text_of(&setting)? {
            Some(value) => Ok(env.new_string(value)?),
            None => Ok(JString::null()),
        }
    })
    .resolve::<ReadServer>()
    .into_raw()
}

/// `static native String adminSocket0(long handle)`: the path of the admin socket; null if there is none.
#[unsafe(no_mangle)]
pub extern "system" fn Java_com_linkedin_venice_rust_ReadServerNatives_adminSocket0<'local>(
    mut env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
) -> jstring {
    env.with_env(|env| -> Result<JString<'local>, ReadServerError> {
        match SERVERS.server(handle)?.admin_socket() {
            Some(path) => Ok(env.new_string(path.to_string_lossy())?),
            None => Ok(JString::null()),
        }
    })
    .resolve::<ReadServer>()
    .into_raw()
}
