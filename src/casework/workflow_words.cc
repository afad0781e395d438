#include "casework/workflow_words.h"

#include <algorithm>

#include "trust/grants.h"

namespace cityloop::casework {
namespace {

using base::Errc;
using base::fail;

template <class Enum>
struct Word {
  std::string_view text;
  Enum what;
};

using G = Guard::What;
constexpr Word<G> kGuards[] = {
    {"sensed", G::sensed},
    {"cleared", G::cleared},
    {"held", G::held},
    {"worked", G::worked},
    {"taken", G::taken},
    {"department", G::department},
    {"device_at_work", G::device_at_work},
    {"device_reported", G::device_reported},
    {"device_asked", G::device_asked},
    {"device_left", G::device_left},
    {"tasks_open", G::tasks_open},
    {"checks_open", G::checks_open},
    {"forwarded", G::forwarded},
};

using E = Effect::What;
struct EffectWord {
  std::string_view text;
  E what;
  bool argument{false};
};
constexpr EffectWord kEffects[] = {
    {"take", E::take},
    {"release", E::release},
    {"assign", E::assign},
    {"unassign", E::unassign},
    {"worked", E::worked},
    {"ask_device", E::ask_device},
    {"release_device", E::release_device},
    {"escalate", E::escalate},
    {"notice", E::notice, true},
    {"extend", E::extend, true},
    {"restart", E::restart, true},
    {"supervise", E::supervise},
    {"unsupervise", E::unsupervise},
    {"rate", E::rate},
    {"joint", E::joint},
    {"task_take", E::task_take},
    {"task_report", E::task_report},
    {"task_drop", E::task_drop},
    {"drop_tasks", E::drop_tasks},
    {"check", E::check},
    {"command", E::command},
    {"absorb", E::absorb},
    {"classify", E::classify},
    {"forward", E::forward},
    {"recall", E::recall},
    {"appoint", E::appoint},
};

constexpr std::string_view kEvents[] = {"entered",       "device_started", "device_done", "device_failed",
                                        "finding_again", "held",           "tasks_done",  "storm"};

template <class Words>
std::string listed(const Words& words) {
  std::string out;
  for (const auto& word : words) out += fmt::format("{}{}", out.empty() ? "" : ", ", word.text);
  return out;
}

}  // namespace

bool is_role(std::string_view role) {
  return trust::grants_of(role) != nullptr;
}

base::Result<Party> parse_party(std::string_view text) {
  using W = Party::What;
  if (text == "department") return Party{W::department};
  if (text == "holder") return Party{W::holder};
  if (text == "reporter") return Party{W::reporter};
  if (text == "crew") return Party{W::crew};
  if (text == "twin") return Party{W::twin};
  const std::size_t at = text.find('@');
  const std::string_view role = text.substr(0, at);
  if (!is_role(role)) return fail(Errc::invalid, "'{}' is no role that the city knows", role);
  if (at == text.npos) return Party{W::role, std::string(role)};
  const std::string_view where = text.substr(at + 1);
  if (where == "department") return Party{W::role_department, std::string(role)};
  if (where == "assisting") return Party{W::role_assisting, std::string(role)};
  return fail(Errc::invalid, "'{}' may be bound to @department or @assisting, not to '{}'", role, where);
}

std::string to_text(const Party& party) {
  using W = Party::What;
  switch (party.what) {
    case W::role: return party.role;
    case W::role_department: return party.role + "@department";
    case W::role_assisting: return party.role + "@assisting";
    case W::department: return "department";
    case W::holder: return "holder";
    case W::reporter: return "reporter";
    case W::crew: return "crew";
    case W::twin: return "twin";
  }
  return {};
}

base::Result<Guard> parse_guard(std::string_view text, const std::vector<WorkflowOption>& options) {
  Guard out;
  if (text.starts_with('!')) out.negated = true, text.remove_prefix(1);
  for (const auto& word : kGuards) {
    if (word.text == text) return out.what = word.what, out;
  }
  const std::size_t equal = text.find('=');
  const std::string_view id = text.substr(0, equal);
  const std::string_view value = equal == text.npos ? std::string_view("true") : text.substr(equal + 1);
  const auto option = std::find_if(options.begin(), options.end(), [&](const auto& o) { return o.id == id; });
  if (option == options.end())
    return fail(Errc::invalid, "'{}' is no condition ({}) and no [[option]]", id, listed(kGuards));
  if (std::find(option->values.begin(), option->values.end(), value) == option->values.end())
    return fail(Errc::invalid, "'{}' cannot be '{}', only {}", id, value, fmt::join(option->values, ", "));
  out.what = G::option;
  out.option = id;
  out.value = value;
  return out;
}

bool is_loops_own(Guard::What what) {
  return what == G::worked || what == G::device_at_work || what == G::device_reported || what == G::device_asked ||
         what == G::device_left;
}

base::Result<Effect> parse_effect(std::string_view text) {
  const std::size_t blank = text.find(' ');
  const std::string_view word = text.substr(0, blank);
  const std::string_view argument = blank == text.npos ? std::string_view{} : text.substr(blank + 1);
  for (const EffectWord& known : kEffects) {
    if (known.text != word) continue;
    if (known.argument && argument.empty()) return fail(Errc::invalid, "'{}' must say what, as \"{} …\"", word, word);
    if (!known.argument && !argument.empty()) return fail(Errc::invalid, "'{}' takes no further word", word);
    return Effect{known.what, std::string(argument)};
  }
  return fail(Errc::invalid, "'{}' is nothing that a step can do; known are {}", word, listed(kEffects));
}

base::Status check_event(std::string_view text) {
  if (text.starts_with("missed ")) return {};
  if (std::find(std::begin(kEvents), std::end(kEvents), text) != std::end(kEvents)) return {};
  return fail(Errc::invalid, "'{}' is no event; known are {} and \"missed DEADLINE\"", text, fmt::join(kEvents, ", "));
}

}  // namespace cityloop::casework
