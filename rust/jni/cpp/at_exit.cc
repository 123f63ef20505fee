// Nothing of the library runs when the process ends.
//
// C++ has the destructors of static objects called at exit. RocksDB's join its background threads
// (PosixEnv::JoinThreadsOnExit), and a JVM that ends lets no thread out of Java, or in: a thread
// that logs, compares keys or tells a listener there never comes to be joined, and the process
// hangs. The others take away what threads still use, which all run on until the process is gone.
// Their memory is the system's to take.
//
// So there is no such destructor here. The symbol is that of the C++ ABI (Itanium C++ ABI, 3.3.6.3),
// to which compilers write the calls; inside this library it is this function, and outside nobody
// sees it (exports.lds). Destructors of thread-local objects go another way.

extern "C" int __cxa_atexit(void (*)(void*), void*, void*) noexcept { return 0; }
