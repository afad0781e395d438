# How everything is compiled: one set of options for all rooms, so that one precompiled header serves them all.
find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header's own time stamp would defeat the cache; its content decides instead.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

add_library(room_options INTERFACE)
target_compile_options(room_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wno-gnu-statement-expression -Wno-missing-field-initializers -Wno-deprecated-declarations -Wno-c2y-extensions
  -fno-omit-frame-pointer -Xclang -fno-pch-timestamp)
target_include_directories(room_options INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})

find_program(MOLD mold)
if(MOLD)
  target_link_options(room_options INTERFACE -fuse-ld=mold)
endif()

if(CITYLOOP_SANITIZE)
  # A report needs names and lines, no more; so these builds take a fifth less time and a third of the disk.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -gline-tables-only")
  target_compile_options(room_options INTERFACE -fsanitize=${CITYLOOP_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(room_options INTERFACE -fsanitize=${CITYLOOP_SANITIZE})
  if(CITYLOOP_SANITIZE MATCHES undefined)
    # Checks at each access through a pointer; what matters of them the address sanitizer sees as well.
    target_compile_options(room_options INTERFACE -fno-sanitize=null,alignment,object-size,vptr
      -fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/tool/sanitizer/libraries.txt)
  endif()
endif()
