// What a step asks people to fill in: a JSON Schema (draft 7), checked before the step is taken, and listed for the
// console to draw.
//
//   [transition.form]
//   type = "object"
//   required = ["hours"]
//   properties.hours = { type = "number", minimum = 1, maximum = 72, x-name = { zh = "小时", en = "Hours" } }
//
// The library valijson checks. `$ref` may point within the schema only. A property may say `x-name`, its name in both
// languages, and `x-from = "departments"`: its values are the city's departments. Texts are at most kTextMax bytes, so
// that a pattern is never run over a book.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "base/result.h"
#include "flow/finding.h"

namespace cityloop::casework {

// One thing to fill in, as far as a list of input fields can say it. "note" is the action's own note.
struct FieldSpec {
  std::string name;
  flow::Bilingual label{};
  bool required{false};
  std::string type{"string"};          // string number integer boolean array object
  std::vector<std::string> options{};  // closed choice; empty for free input
  std::string from{};                  // "departments": the city's own
  friend bool operator==(const FieldSpec&, const FieldSpec&) = default;
};

class Form {
 public:
  static constexpr std::size_t kTextMax = 4000;

  Form() = default;  // asks for nothing and takes anything
  // The schema as JSON text. Refused when it is no schema, or not one of an object.
  static base::Result<Form> make(std::string_view schema_json);

  bool empty() const { return schema_ == nullptr; }
  // Errc::invalid with every reason in one line.
  base::Status check(const base::JsonValue& given) const;
  const std::vector<FieldSpec>& fields() const { return fields_; }
  const std::string& json() const { return json_; }

 private:
  struct Schema;
  std::shared_ptr<const Schema> schema_;
  std::vector<FieldSpec> fields_;
  std::string json_;
};

}  // namespace cityloop::casework
