// Calls the natives of org.rocksdb.RocksIterator without a JVM, so that callgrind can count their instructions.
//
//   iterators LIBRARY DIRECTORY MEASURE COUNT
//
// LIBRARY is a librocksdbjni, DIRECTORY where the database goes, MEASURE what is called COUNT times. What JNI offers a native is replaced by the few functions that these natives call: arrays and
// buffers are blocks of memory, strings are C strings. Prints the processor time of one operation in nanoseconds, and how
// many rows were read.

#include <dlfcn.h>
#include <jni.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

enum { KEY = 16, VALUE = 100, STORED = 20000, ROWS = 10, WARM = 2000, MOST = 200000, ARRAYS = 64 };

// A byte[], or a direct buffer.
typedef struct {
  jsize length;
  jbyte bytes[4096];
} Block;

static void Die(const char* what, const char* which) {
  fprintf(stderr, "%s: %s\n", what, which);
  exit(1);
}

// Everything else: what is called when a library is loaded, and finds nothing.
static void* Nothing(void) { return NULL; }

static JNIEnv env;
static JavaVM vm;

static jbyteArray NewByteArray(JNIEnv* e, jsize length) {
  // A few in turn stand for what Java's collector gives back.
  static Block blocks[ARRAYS];
  static unsigned next;
  Block* block = &blocks[next++ % ARRAYS];
  block->length = length;
  return (jbyteArray)block;
}

static void SetRegion(JNIEnv* e, jbyteArray array, jsize start, jsize length, const jbyte* from) {
  memcpy(((Block*)array)->bytes + start, from, length);
}

static void GetRegion(JNIEnv* e, jbyteArray array, jsize start, jsize length, jbyte* into) {
  memcpy(into, ((Block*)array)->bytes + start, length);
}

static void* Address(JNIEnv* e, jobject buffer) { return ((Block*)buffer)->bytes; }
static jlong Capacity(JNIEnv* e, jobject buffer) { return sizeof ((Block*)buffer)->bytes; }
static jsize Length(JNIEnv* e, jarray array) { return ((Block*)array)->length; }
static jboolean NoException(JNIEnv* e) { return JNI_FALSE; }
static jthrowable NoThrowable(JNIEnv* e) { return NULL; }
static const char* Chars(JNIEnv* e, jstring string, jboolean* copied) { return (const char*)string; }
static void ReleaseChars(JNIEnv* e, jstring string, const char* chars) {}
static jsize CharsLength(JNIEnv* e, jstring string) { return strlen((const char*)string); }
static jint Version(JNIEnv* e) { return JNI_VERSION_10; }
static jclass FindClass(JNIEnv* e, const char* name) { return (jclass) "class"; }
static jmethodID FindMethod(JNIEnv* e, jclass c, const char* n, const char* s) { return (jmethodID) "method"; }
static jfieldID FindField(JNIEnv* e, jclass c, const char* n, const char* s) { return (jfieldID) "field"; }
static jobject SameReference(JNIEnv* e, jobject object) { return object; }
static void DropReference(JNIEnv* e, jobject object) {}
static jint Throw(JNIEnv* e, jclass c, const char* text) {
  Die("a native throws", text);
  return 0;
}
static jint GetVm(JNIEnv* e, JavaVM** into) {
  *into = &vm;
  return JNI_OK;
}
static jint GetEnv(JavaVM* v, void** into, jint version) {
  *into = &env;
  return JNI_OK;
}
static jint Attach(JavaVM* v, void** into, void* arguments) {
  *into = &env;
  return JNI_OK;
}

static void MakeJni(void) {
  static struct JNINativeInterface_ calls;
  static struct JNIInvokeInterface_ invocations;
  for (size_t i = 0; i < sizeof calls / sizeof(void*); i++) ((void**)&calls)[i] = Nothing;
  for (size_t i = 0; i < sizeof invocations / sizeof(void*); i++) ((void**)&invocations)[i] = Nothing;
  calls.DeleteLocalRef = DropReference;
  calls.ExceptionCheck = NoException;
  calls.ExceptionOccurred = NoThrowable;
  calls.FindClass = FindClass;
  calls.GetArrayLength = Length;
  calls.GetByteArrayRegion = GetRegion;
  calls.GetDirectBufferAddress = Address;
  calls.GetDirectBufferCapacity = Capacity;
  calls.GetFieldID = FindField;
  calls.GetJavaVM = GetVm;
  calls.GetMethodID = FindMethod;
  calls.GetStaticMethodID = FindMethod;
  calls.GetStringUTFChars = Chars;
  calls.GetStringUTFLength = CharsLength;
  calls.GetVersion = Version;
  calls.NewByteArray = NewByteArray;
  calls.NewGlobalRef = SameReference;
  calls.NewLocalRef = SameReference;
  calls.ReleaseStringUTFChars = ReleaseChars;
  calls.SetByteArrayRegion = SetRegion;
  calls.ThrowNew = Throw;
  invocations.AttachCurrentThread = Attach;
  invocations.GetEnv = GetEnv;
  env = &calls;
  vm = &invocations;
}

static void* library;

static void* Native(const char* name) {
  char symbol[200];
  snprintf(symbol, sizeof symbol, "Java_org_rocksdb_%s", name);
  void* native = dlsym(library, symbol);
  if (native == NULL) Die("the library has no", symbol);
  return native;
}

// All natives take the environment and the class first.
#define E JNIEnv*, jclass
static jlong (*open_iterator)(E, jlong, jlong, jlong);
static void (*close_iterator)(E, jlong);
static jboolean (*is_valid)(E, jlong);
static void (*next)(E, jlong);
static void (*seek)(E, jlong, jbyteArray, jint);
static jbyteArray (*key)(E, jlong);
static jbyteArray (*value)(E, jlong);
static void (*seek_direct)(E, jlong, jobject, jint, jint);
static jint (*key_direct)(E, jlong, jobject, jint, jint);
static jint (*value_direct)(E, jlong, jobject, jint, jint);

static jlong database, family, options;
static long rows;

static jlong Open(void) { return open_iterator(&env, NULL, database, family, options); }

// The keys are spread evenly, and none is sought that is there.
static void FillKey(Block* block, uint64_t number) {
  char text[KEY + 1];
  snprintf(text, sizeof text, "%016llx", (unsigned long long)(number * 0x9E3779B97F4A7C15u));
  memcpy(block->bytes, text, KEY);
  block->length = KEY;
}

static void Scan(int direct, uint64_t number) {
  static Block sought, key_buffer, value_buffer;
  FillKey(&sought, number);
  jlong at = Open();
  if (direct) {
    seek_direct(&env, NULL, at, (jobject)&sought, 0, KEY);
  } else {
    seek(&env, NULL, at, (jbyteArray)&sought, KEY);
  }
  for (int row = 0; row < ROWS && is_valid(&env, NULL, at); row++, rows++) {
    if (direct) {
      key_direct(&env, NULL, at, (jobject)&key_buffer, 0, KEY);
      value_direct(&env, NULL, at, (jobject)&value_buffer, 0, VALUE);
    } else {
      key(&env, NULL, at);
      value(&env, NULL, at);
    }
    next(&env, NULL, at);
  }
  close_iterator(&env, NULL, at);
}

static void Measure(const char* measure, long count, uint64_t first) {
  static jlong open[MOST];
  if (strcmp(measure, "openAndClose") == 0) {
    for (long i = 0; i < count; i++) close_iterator(&env, NULL, Open());
  } else if (strcmp(measure, "openManyAndClose") == 0) {
    for (long i = 0; i < count; i++) open[i] = Open();
    for (long i = 0; i < count; i++) close_iterator(&env, NULL, open[i]);
  } else if (strcmp(measure, "scan") == 0 || strcmp(measure, "scanDirect") == 0) {
    for (long i = 0; i < count; i++) Scan(measure[4] != 0, first + i);
  } else {
    Die("no such measure", measure);
  }
}

static double Now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(int arguments, char** argument) {
  if (arguments != 5) Die("usage", "iterators LIBRARY DIRECTORY MEASURE COUNT");
  library = dlopen(argument[1], RTLD_NOW);
  if (library == NULL) Die("not loaded", dlerror());
  const long count = atol(argument[4]);
  if (count < 1 || count > MOST) Die("COUNT is not from 1 to 200000", argument[4]);
  MakeJni();
  jint (*on_load)(JavaVM*, void*) = dlsym(library, "JNI_OnLoad");
  if (on_load != NULL) on_load(&vm, NULL);

  open_iterator = Native("RocksDB_iterator");
  close_iterator = Native("RocksIterator_disposeInternalJni");
  is_valid = Native("RocksIterator_isValid0Jni");
  next = Native("RocksIterator_next0Jni");
  seek = Native("RocksIterator_seek0Jni");
  key = Native("RocksIterator_key0");
  value = Native("RocksIterator_value0");
  seek_direct = Native("RocksIterator_seekDirect0Jni");
  key_direct = Native("RocksIterator_keyDirect0");
  value_direct = Native("RocksIterator_valueDirect0");
  jlong (*new_options)(E) = Native("Options_newOptions__");
  void (*create)(E, jlong, jboolean) = Native("Options_setCreateIfMissing");
  jlong (*open_database)(E, jlong, jstring) = Native("RocksDB_open__JLjava_lang_String_2");
  jlong (*default_family)(E, jlong) = Native("RocksDB_getDefaultColumnFamily");
  jlong (*new_read_options)(E) = Native("ReadOptions_newReadOptions__");
  void (*put)(E, jlong, jbyteArray, jint, jint, jbyteArray, jint, jint) = Native("RocksDB_put__J_3BII_3BII");
  void (*close_database)(E, jlong) = Native("RocksDB_closeDatabase");

  jlong opening = new_options(&env, NULL);
  create(&env, NULL, opening, JNI_TRUE);
  database = open_database(&env, NULL, opening, (jstring)argument[2]);
  family = default_family(&env, NULL, database);
  options = new_read_options(&env, NULL);
  static Block stored_key, stored_value;
  for (uint64_t i = 0; i < STORED; i++) {
    FillKey(&stored_key, i);
    put(&env, NULL, database, (jbyteArray)&stored_key, 0, KEY, (jbyteArray)&stored_value, 0, VALUE);
  }

  // First what is done once for a thread, and what a library keeps of closed objects is filled.
  Measure(argument[3], WARM, STORED);
  rows = 0;
  CALLGRIND_START_INSTRUMENTATION;
  const double begin = Now();
  Measure(argument[3], count, STORED + WARM);
  const double end = Now();
  CALLGRIND_STOP_INSTRUMENTATION;
  printf("%.1f ns each, %ld rows\n", (end - begin) / count, rows);
  close_database(&env, NULL, database);
  fflush(stdout);
  // Without the destructors of a library that waits for a JVM.
  _exit(0);
}
