# room(NAME NEEDS rooms… LIBRARIES targets…): the library of src/NAME. A room without sources yet is only a set of headers.
function(room name)
  cmake_parse_arguments(ROOM "" "" "NEEDS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/app/main.cc)
  list(TRANSFORM ROOM_NEEDS PREPEND room_)
  if(sources)
    add_library(room_${name} STATIC ${sources})
    target_link_libraries(room_${name} PRIVATE room_options PUBLIC ${ROOM_NEEDS} ${ROOM_LIBRARIES})
    share_precompiled_header(room_${name})
  else()
    add_library(room_${name} INTERFACE)
    target_link_libraries(room_${name} INTERFACE ${ROOM_NEEDS} ${ROOM_LIBRARIES})
  endif()
  set_property(GLOBAL APPEND PROPERTY CITYLOOP_ROOMS ${name})
endfunction()

# The first room builds the precompiled header; every later target uses that one.
function(share_precompiled_header target)
  get_property(owner GLOBAL PROPERTY CITYLOOP_PCH_OWNER)
  if(owner)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  else()
    target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)
    set_property(GLOBAL PROPERTY CITYLOOP_PCH_OWNER ${target})
  endif()
endfunction()

# domain/NAME/ is a whole package: its sources, its tests under test/, its benchmarks under bench/, and a CMakeLists.txt that
# calls domain_package(NAME …). Removing the folder removes it from the build: the table of packages that app calls is
# written here, from the folders that exist.
function(domain_packages)
  file(GLOB lists CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/domain/*/CMakeLists.txt)
  foreach(list IN LISTS lists)
    cmake_path(GET list PARENT_PATH folder)
    add_subdirectory(${folder})
  endforeach()
  get_property(names GLOBAL PROPERTY CITYLOOP_PACKAGES)
  package_table(packages "${names}")
endfunction()

# domain_package(NAME LIBRARIES targets… APART folders…): the library of a package. The folders APART hold programs of
# their own, which its CMakeLists.txt describes.
function(domain_package name)
  cmake_parse_arguments(PACKAGE "" "" "LIBRARIES;APART" ${ARGN})
  set(folder ${CMAKE_SOURCE_DIR}/domain/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cc)
  foreach(apart IN ITEMS test bench ${PACKAGE_APART})
    list(FILTER sources EXCLUDE REGEX "/domain/${name}/${apart}/")
  endforeach()
  add_library(domain_${name} STATIC ${sources})
  target_link_libraries(domain_${name} PRIVATE room_options PUBLIC room_serve ${PACKAGE_LIBRARIES})
  share_precompiled_header(domain_${name})
  set_property(GLOBAL APPEND PROPERTY CITYLOOP_PACKAGES ${name})
endfunction()

# package_readers(NAME LIBRARIES targets… SOURCES globs…): what of a package reads foreign bytes, as a library that stands on
# room_twin and these alone. Its fuzz targets link this one, so that not the whole house is instrumented for them.
function(package_readers name)
  cmake_parse_arguments(READERS "" "" "LIBRARIES;SOURCES" ${ARGN})
  list(TRANSFORM READERS_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/domain/${name}/)
  file(GLOB sources CONFIGURE_DEPENDS ${READERS_SOURCES})
  add_library(domain_${name}_readers STATIC EXCLUDE_FROM_ALL ${sources})
  target_link_libraries(domain_${name}_readers PRIVATE room_options PUBLIC room_twin ${READERS_LIBRARIES})
  share_precompiled_header(domain_${name}_readers)
endfunction()

# package_table(TARGET NAMES): a library with register_packages(), which calls register_NAME of each package.
function(package_table target names)
  set(declarations "")
  set(calls "")
  foreach(name IN LISTS names)
    string(APPEND declarations "void register_${name}(PackageLoader&);\n")
    string(APPEND calls "  register_${name}(loader);\n")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/${target}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT
"// The domain packages of this build.
#include \"serve/package.h\"

namespace cityloop::serve {
${declarations}
void register_packages(PackageLoader& loader) {
  (void)loader;
${calls}
}

}  // namespace cityloop::serve
" @ONLY)
  add_library(${target} STATIC ${source})
  target_link_libraries(${target} PRIVATE room_options room_serve)
  foreach(name IN LISTS names)
    target_link_libraries(${target} PRIVATE domain_${name})
  endforeach()
  share_precompiled_header(${target})
endfunction()

# cityloop_without_NAME, built only when asked for: the house as it is where that package's folder is not.
function(without_each_package)
  get_property(names GLOBAL PROPERTY CITYLOOP_PACKAGES)
  foreach(name IN LISTS names)
    set(others ${names})
    list(REMOVE_ITEM others ${name})
    package_table(packages_without_${name} "${others}")
    add_executable(cityloop_without_${name} EXCLUDE_FROM_ALL src/app/main.cc)
    target_link_libraries(cityloop_without_${name} PRIVATE room_app packages_without_${name} room_options)
    set_target_properties(packages_without_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endforeach()
endfunction()

# test/NAME/*.cc is one test program per room, domain/NAME/test/*.cc one per package; test/end_to_end has programs of its
# own kind and is driven by ./city.
function(room_tests)
  get_property(rooms GLOBAL PROPERTY CITYLOOP_ROOMS)
  foreach(name IN LISTS rooms)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/${name}/*.cc)
    test_program(${name} "${sources}" room_${name})
  endforeach()
  get_property(packages GLOBAL PROPERTY CITYLOOP_PACKAGES)
  foreach(name IN LISTS packages)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/domain/${name}/test/*.cc)
    test_program(${name} "${sources}" domain_${name})
  endforeach()
endfunction()

# test_program(NAME SOURCES LIBRARIES…): test_NAME, known to ctest as NAME. Tests are not optimised: to compile them takes a third
# of the time then, and what they call is optimised all the same.
function(test_program name sources)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  test_precompiled()
  target_compile_options(test_${name} PRIVATE -O0)
  target_link_libraries(test_${name} PRIVATE room_options ${ARGN} GTest::gmock GTest::gtest_main)
  target_precompile_headers(test_${name} REUSE_FROM test_precompiled)
  add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  list(LENGTH sources cost)  # the largest first: nothing long begins when the rest is done
  if(name STREQUAL app)
    math(EXPR cost "${cost} * 10")  # a whole city each time
  endif()
  set_tests_properties(${name} PROPERTIES COST ${cost})
endfunction()

# What all test programs precompile, once, with their flags.
function(test_precompiled)
  if(TARGET test_precompiled)
    return()
  endif()
  set(nothing ${CMAKE_BINARY_DIR}/test_precompiled.cc)
  file(CONFIGURE OUTPUT ${nothing} CONTENT "// Carries the precompiled header of the tests.\n")
  add_library(test_precompiled STATIC EXCLUDE_FROM_ALL ${nothing})
  target_compile_options(test_precompiled PRIVATE -O0)
  target_link_libraries(test_precompiled PRIVATE room_options GTest::gmock)
  target_precompile_headers(test_precompiled PRIVATE ${CMAKE_SOURCE_DIR}/cmake/test_pch.h)
  included_by_sources(test_precompiled)
endfunction()

# included_by_sources(TARGETS…): these make what sources include. Who reads sources without compiling them builds
# `included` first.
function(included_by_sources)
  if(NOT TARGET included)
    add_custom_target(included)
  endif()
  add_dependencies(included ${ARGN})
endfunction()

# bench/NAME/*_bench.cc is one program of micro-benchmarks per room, built only when asked for by name: bench_NAME.
function(room_benches)
  find_package(benchmark QUIET)
  if(NOT benchmark_FOUND)
    message(STATUS "no Google Benchmark (libbenchmark-dev): the bench_* programs are left out")
    return()
  endif()
  get_property(rooms GLOBAL PROPERTY CITYLOOP_ROOMS)
  foreach(name IN LISTS rooms)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/${name}/*_bench.cc)
    if(sources)
      add_executable(bench_${name} EXCLUDE_FROM_ALL ${sources})
      target_link_libraries(bench_${name} PRIVATE room_options room_${name} benchmark::benchmark_main)
      share_precompiled_header(bench_${name})
    endif()
  endforeach()
endfunction()

# test/fuzz/NAME_fuzz.cc is one libFuzzer program, fuzz_NAME, built only when asked for and only by the preset that
# instruments the rooms for it; domain/PACKAGE/test/fuzz/NAME_fuzz.cc likewise.
function(fuzz_targets)
  if(NOT CITYLOOP_SANITIZE MATCHES "fuzzer-no-link")
    return()
  endif()
  add_custom_target(fuzz)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/test/fuzz/*_fuzz.cc)
  foreach(source IN LISTS sources)
    fuzz_target(${source} room_twin)
  endforeach()
  get_property(packages GLOBAL PROPERTY CITYLOOP_PACKAGES)
  foreach(name IN LISTS packages)
    set(library domain_${name})
    if(TARGET domain_${name}_readers)
      set(library domain_${name}_readers)
    endif()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/domain/${name}/test/fuzz/*_fuzz.cc)
    foreach(source IN LISTS sources)
      fuzz_target(${source} ${library})
    endforeach()
  endforeach()
endfunction()

function(fuzz_target source library)
  cmake_path(GET source STEM stem)
  string(REPLACE "_fuzz" "" name ${stem})
  add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(fuzz_${name} PRIVATE room_options ${library})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzz fuzz_${name})
endfunction()

# Programs of their own beside the house, which ./city bench twin runs.
function(plain_bench name source)
  add_executable(${name} EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/${source})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PRIVATE Threads::Threads)
endfunction()
