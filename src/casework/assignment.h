// Whose a case is, and why: a person's word before the word of the rule that found it, that before the rules of
// responsibility, these before the category's department and that before the kind's.
//
//   Matter, what was said ─▶ [assign] ─ Assignment ─▶ CaseLoop, serve
#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "casework/case_rules.h"

namespace cityloop::casework {

enum class AssignedBy : std::uint8_t { nobody, wish, response, rule, category, kind };

struct Assignment {
  AssignedBy by{AssignedBy::nobody};
  Responsible who;  // department, crew and holder; the rules where rules say so
  Matter matter;
  bool outside{false};  // it has a place, there are cells, and it lies in none
  bool gap() const { return by == AssignedBy::nobody; }
  bool overlap() const { return !who.others.empty(); }
};

// `said`: the department that was named, empty for none, and by whom (wish or response). `placed`: whether it has a
// place. A category that the table does not have counts as none.
Assignment assign(const CaseRules&, Matter, bool placed, const std::string& said = {},
                  AssignedBy said_by = AssignedBy::wish);

// [{"code": "rule", "rule": 12, "file": …, "line": …, "cell": …, "category": …, "department": …}, …]: what decided,
// then what named the people; of a rule what it asks for. Codes: wish response rule category kind rule_people gap
// overlap outside_cells.
void write_why(base::JsonWriter&, const Assignment&);
// The same for who reads no codes.
flow::Bilingual why_text(const Assignment&);

}  // namespace cityloop::casework
