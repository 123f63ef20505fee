//! Arrays of `byte[]`.

use std::sync::OnceLock;

use jni::objects::JClass;
use jni::refs::Global;
use jni::{jni_str, Env};

use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;

/// A class of the JVM's own, which no class loader's end takes away.
static CLASS: OnceLock<Global<JClass<'static>>> = OnceLock::new();

/// Looks the class up.
pub(crate) fn find_class(env: &mut Env<'_>) -> jni::errors::Result<()> {
    if CLASS.get().is_none() {
        let class = env.find_class(jni_str!("[B"))?;
        let class = env.new_global_ref(class)?;
        // Another thread may have been faster; its find is as good.
        let _ = CLASS.set(class);
    }
    Ok(())
}

/// A new `byte[][]`, all null.
pub(crate) fn new_array(jvm: Jvm<'_>, count: usize) -> Result<Reference, Failure> {
    if CLASS.get().is_none() {
        jvm.with_env(|env| Ok(find_class(env)?))?;
    }
    let class = CLASS
        .get()
        .ok_or_else(|| Failure::null("class of byte[]"))?;
    jvm.new_objects(class.as_raw(), count)
}
