# Writes a header with fingerprints of the sources that a trial's outcome hangs on: OUT, PLAIN and PLANNER (lists of files).
foreach(part IN ITEMS PLAIN PLANNER)
  set(all "")
  foreach(file IN LISTS ${part})
    file(SHA256 ${file} one)
    string(APPEND all ${one})
  endforeach()
  string(SHA256 all "${all}")
  string(SUBSTRING ${all} 0 16 ${part}_VERSION)
endforeach()
file(WRITE ${OUT} "#pragma once
inline constexpr const char* kPlainTrialVersion = \"${PLAIN_VERSION}\";
inline constexpr const char* kPlannerVersion = \"${PLANNER_VERSION}\";
")
