# SPDX-License-Identifier: MIT
# Toolchain of the preset `web`: Debian's clang and lld for WebAssembly, with the C and C++ libraries that Debian's emscripten
# package brings. Its own compiler is not used, as that is older than the relaxed SIMD that browsers have.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_COMPILER_TARGET wasm32-unknown-emscripten)
set(CMAKE_AR llvm-ar-19)
set(CMAKE_RANLIB llvm-ranlib-19)
set(CMAKE_SYSROOT /usr/share/emscripten/cache/sysroot)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

# The libraries were compiled by emscripten 3.1.6, which some of their headers ask for; its C++ library is of LLVM 13.
string(JOIN " " CMAKE_CXX_FLAGS_INIT
  -nostdinc++ -isystem ${CMAKE_SYSROOT}/include/c++/v1 -Xclang -iwithsysroot/include/compat
  -D_LIBCPP_ABI_VERSION=2 -D__EMSCRIPTEN_major__=3 -D__EMSCRIPTEN_minor__=1 -D__EMSCRIPTEN_tiny__=6
  -fno-threadsafe-statics -fwasm-exceptions -msimd128 -mbulk-memory -include ${CMAKE_CURRENT_LIST_DIR}/libcxx.h)

# The stack comes first, so that where it overflows the module ends, and no data is overwritten.
# Linked by lld itself: clang would call binaryen's optimizer, where it is installed, and Debian's does not know relaxed SIMD.
string(JOIN " " CMAKE_CXX_LINK_EXECUTABLE
  wasm-ld-19 --no-entry --export=_initialize -O3 --gc-sections --strip-all --stack-first -z stack-size=1048576
  <LINK_FLAGS> -L${CMAKE_SYSROOT}/lib/wasm32-emscripten ${CMAKE_SYSROOT}/lib/wasm32-emscripten/crt1_reactor.o
  <OBJECTS> <LINK_LIBRARIES> -lstandalonewasm-memgrow -lc -lc++-except -lc++abi-except -lunwind-except -ldlmalloc
  -lcompiler_rt -lstubs -lc -o <TARGET>)
