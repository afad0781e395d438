// Where a case stands, in words for citizens: fewer and plainer than the states of its workflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "casework/workflow.h"
#include "flow/case.h"

namespace cityloop::civic {

enum class PublicStatus : std::uint8_t {
  received,
  asked,  // the reporter is
  taken_up,
  sent,
  in_work,
  suspended,
  checking,
  fixed,
  not_fixed,
  not_taken_up,
  merged,
};

std::string_view to_string(PublicStatus);
std::optional<PublicStatus> public_status_from(std::string_view);
PublicStatus status_of(const casework::State&);
// As far as the case itself says it, where its workflow cannot be read any more.
PublicStatus status_of(const flow::Case&);
bool has_reason(PublicStatus);  // one that people ask "why?" about

// A sentence; `with` is the body that has it, and may be empty.
flow::Bilingual words_of(PublicStatus, const flow::Bilingual& with);

}  // namespace cityloop::civic
