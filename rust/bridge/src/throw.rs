//! From Rust's errors and panics to `com.linkedin.venice.rust.ReadServerException`.

use std::any::Any;

use jni::errors::{Error, ErrorPolicy};
use jni::strings::{JNIStr, JNIString};
use jni::{jni_str, Env};
use venice_engine::panic_text;

const READ_SERVER_EXCEPTION: &JNIStr = jni_str!("com/linkedin/venice/rust/ReadServerException");

/// Ends a native: an error or a panic is thrown in Java, and the native returns its type's zero,
/// which Java never sees.
pub struct ReadServer;

impl<T: Default, E: std::error::Error> ErrorPolicy<T, E> for ReadServer {
    type Captures<'unowned_env_local: 'native_method, 'native_method> = ();

    fn on_error<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        _: &mut (),
        error: E,
    ) -> Result<T, Error> {
        throw(env, &error.to_string());
        Ok(T::default())
    }

    fn on_panic<'unowned_env_local: 'native_method, 'native_method>(
        env: &mut Env<'unowned_env_local>,
        _: &mut (),
        panic: Box<dyn Any + Send + 'static>,
    ) -> Result<T, Error> {
        throw(env, &format!("internal error: {}", panic_text(&*panic)));
        Ok(T::default())
    }
}

fn throw(env: &mut Env<'_>, message: &str) {
    if env.exception_check() {
        return; // what was thrown first says more
    }
    // Looked up at each throw: a native of RustReadServer sees the classes of RustReadServer's
    // loader. Throwing "fails" with the exception that is now pending; a class that is missing
    // leaves NoClassDefFoundError pending, which is as good an answer.
    if let Ok(class) = env.find_class(READ_SERVER_EXCEPTION) {
        drop(env.throw_new(class, JNIString::from(message)));
    }
}
