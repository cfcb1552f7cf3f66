# SPDX-License-Identifier: MIT
# What `cmake --install` puts where, in three components: the program, the library, and what is needed to build with it.
include(CMakePackageConfigHelpers)

if(MICROGPT_PROGRAM)
  install(TARGETS microgpt RUNTIME COMPONENT program)
endif()
if(MICROGPT_PROGRAM AND MICROGPT_MPI)
  install(TARGETS microgpt_mpi RUNTIME COMPONENT program)
endif()
install(TARGETS microgpt_shared EXPORT microgpt
  LIBRARY COMPONENT library NAMELINK_COMPONENT development)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT library)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.h")
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/microgpt)
install(EXPORT microgpt NAMESPACE microgpt:: DESTINATION ${package_folder} FILE microgptConfig.cmake COMPONENT development)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/microgptConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/microgptConfigVersion.cmake" DESTINATION ${package_folder} COMPONENT development)
configure_file(cmake/microgpt.pc.in "${PROJECT_BINARY_DIR}/microgpt.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/microgpt.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
