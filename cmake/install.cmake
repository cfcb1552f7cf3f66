# SPDX-License-Identifier: MIT
# What `cmake --install` puts where, in four components: the program with its manual, the library, what is needed to build with
# it, and the Python module. `cpack` makes a Debian package of each, and an archive of all.
include(CMakePackageConfigHelpers)

if(MICROGPT_PROGRAM)
  install(TARGETS microgpt RUNTIME COMPONENT program)
  if(MICROGPT_MPI)
    install(TARGETS microgpt_mpi RUNTIME COMPONENT program)
  endif()
  if(NOT CMAKE_CROSSCOMPILING)  # the program itself writes it
    set(manual "${PROJECT_BINARY_DIR}/manual")
    add_custom_command(OUTPUT "${manual}/microgpt.fish"
      COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:microgpt> -DOUTPUT=${manual} -P "${PROJECT_SOURCE_DIR}/cmake/manual.cmake"
      DEPENDS microgpt "${PROJECT_SOURCE_DIR}/cmake/manual.cmake"
      VERBATIM)
    add_custom_target(microgpt_manual ALL DEPENDS "${manual}/microgpt.fish")
    install(DIRECTORY "${manual}/man1" DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program)
    install(FILES "${manual}/microgpt.bash" DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME microgpt
      COMPONENT program)
    install(FILES "${manual}/_microgpt" DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
    install(FILES "${manual}/microgpt.fish" DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
  endif()
endif()
install(TARGETS microgpt_shared EXPORT microgpt
  LIBRARY COMPONENT library NAMELINK_COMPONENT development)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.h")
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/microgpt)
install(EXPORT microgpt NAMESPACE microgpt:: DESTINATION ${package_folder} FILE microgptConfig.cmake COMPONENT development)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/microgptConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/microgptConfigVersion.cmake" DESTINATION ${package_folder} COMPONENT development)
file(RELATIVE_PATH microgpt_prefix_from_pc "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file(cmake/microgpt.pc.in "${PROJECT_BINARY_DIR}/microgpt.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/microgpt.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

if(MICROGPT_PYTHON)
  set(modules lib/python3/dist-packages/microgpt)
  install(TARGETS microgpt_python LIBRARY DESTINATION ${modules} COMPONENT python)
  install(DIRECTORY python/microgpt/ DESTINATION ${modules} COMPONENT python PATTERN __pycache__ EXCLUDE)
endif()

# The name of each package, what it is, and what it needs beside the libraries that it is linked with.
set(CPACK_PACKAGE_NAME microgpt)
set(CPACK_PACKAGE_VENDOR "The founders of microgpt")
set(MICROGPT_MAINTAINER "The founders of microgpt <microgpt@users.noreply.github.com>" CACHE STRING
  "Who makes the Debian packages, with an address")
set(CPACK_PACKAGE_CONTACT "${MICROGPT_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "small GPT that is exact to the bit and explains its loss")
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(soname_package libmicrogpt${microgpt_abi})
# package(COMPONENT NAME SECTION SUMMARY DEPENDS)
function(package component name section summary depends)
  string(TOUPPER ${component} COMPONENT)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_DEPENDS "${depends}" PARENT_SCOPE)
  set(CPACK_COMPONENT_${COMPONENT}_DESCRIPTION "${summary}
 A complete GPT that trains on a list of documents, and then makes up
 more of them, says how odd each one is, and tells classes of them apart.
 It computes the same bits on every machine." PARENT_SCOPE)
  install(FILES "${PROJECT_BINARY_DIR}/package/copyright" "${PROJECT_BINARY_DIR}/package/changelog.gz"
    "${PROJECT_BINARY_DIR}/package/changelog.Debian.gz"
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
endfunction()
configure_file(LICENSE package/copyright COPYONLY)
configure_file(CHANGELOG.md package/changelog COPYONLY)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${PROJECT_BINARY_DIR}/package/changelog.Debian" "microgpt (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) \
unstable; urgency=medium\n\n  * As the upstream changelog says.\n\n -- ${MICROGPT_MAINTAINER}  ${now}\n")
execute_process(COMMAND gzip -9nf "${PROJECT_BINARY_DIR}/package/changelog" "${PROJECT_BINARY_DIR}/package/changelog.Debian"
  COMMAND_ERROR_IS_FATAL ANY)
file(WRITE "${PROJECT_BINARY_DIR}/package/triggers" "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/package/triggers")
if(MICROGPT_PROGRAM)
  package(program microgpt science "train, sample, score and explain small GPTs" "")
endif()
package(library ${soname_package} libs "small GPTs: the shared library" "")
package(development libmicrogpt-dev libdevel "small GPTs: files to build with the library"
  "${soname_package} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
if(MICROGPT_PYTHON)
  package(python python3-microgpt python "small GPTs: the module for Python" "python3, python3-numpy")
endif()
include(CPack)
