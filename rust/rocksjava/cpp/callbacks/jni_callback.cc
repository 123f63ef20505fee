// rocksdb::JniCallback, the base of all through which RocksDB calls Java: listeners, loggers,
// comparators, filters. Upstream's natives derive from it and bracket each call with getJniEnv and
// releaseJniEnv. The class is upstream's (rocksjni/jnicallback.h); what its members do is ours:
//
// * A thread of RocksDB's enters Java as a daemon, so a JVM that ends does not wait for it.
// * A thread that cannot enter, because the JVM has ended, waits for the end of the process. There is
//   nothing else that it could do: its caller needs an answer of Java's.
// * While a thread is in Java, the library knows (engine/src/handles/callback.rs).

#include "rocksjni/jnicallback.h"

#include <chrono>
#include <thread>

#include "callbacks.h"

namespace {

// A JVM without memory for one more thread has some again later.
constexpr std::chrono::milliseconds kAttachAgain(10);

}  // namespace

namespace ROCKSDB_NAMESPACE {

JniCallback::JniCallback(JNIEnv* env, jobject jcallback_obj)
    : m_jvm(nullptr), m_jcallback_obj(nullptr) {
  if (env->GetJavaVM(&m_jvm) == JNI_OK) {
    // Null, with an exception pending, if there is no memory.
    m_jcallback_obj = env->NewGlobalRef(jcallback_obj);
  }
}

JNIEnv* JniCallback::getJniEnv(jboolean* attached) const {
  void* env = nullptr;
  *attached = JNI_FALSE;
  while (m_jvm->GetEnv(&env, JNI_VERSION_1_6) != JNI_OK) {
    if (m_jvm->AttachCurrentThreadAsDaemon(&env, nullptr) == JNI_OK) {
      *attached = JNI_TRUE;
      break;
    }
    std::this_thread::sleep_for(kAttachAgain);
  }
  venice_callback_begins();
  return static_cast<JNIEnv*>(env);
}

void JniCallback::releaseJniEnv(jboolean& attached) const {
  venice_callback_ends();
  if (attached == JNI_TRUE) {
    m_jvm->DetachCurrentThread();
  }
}

JniCallback::~JniCallback() {
  if (m_jcallback_obj == nullptr) {
    return;
  }
  jboolean attached = JNI_FALSE;
  getJniEnv(&attached)->DeleteGlobalRef(m_jcallback_obj);
  releaseJniEnv(attached);
}

}  // namespace ROCKSDB_NAMESPACE
