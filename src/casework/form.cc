#include "casework/form.h"

#include <algorithm>

// Otherwise a schema that is none ends the process.
#define VALIJSON_USE_EXCEPTIONS 1

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace cityloop::casework {

using base::Errc;
using base::fail;
using base::JsonValue;

struct Form::Schema {
  valijson::Schema is;
};

namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

bool has_long_text(const JsonValue& value) {
  if (const std::string* text = value.text()) return text->size() > Form::kTextMax;
  if (const auto* list = value.array()) return std::any_of(list->begin(), list->end(), has_long_text);
  if (const auto* object = value.object())
    return std::any_of(object->begin(), object->end(), [](const auto& m) { return has_long_text(m.value); });
  return false;
}

// A schema that points outside would have the server fetch what the file's author likes.
bool points_outside(const JsonValue& value) {
  if (const auto* list = value.array()) return std::any_of(list->begin(), list->end(), points_outside);
  const auto* object = value.object();
  return object && std::any_of(object->begin(), object->end(), [](const JsonValue::Member& m) {
           const std::string* text = m.value.text();
           return (m.key == "$ref" && text && !text->starts_with('#')) || points_outside(m.value);
         });
}

FieldSpec field_of(const std::string& name, const JsonValue& schema) {
  FieldSpec out{.name = name};
  out.type = schema.text_or("type", "string");
  out.from = schema.text_or("x-from", "");
  if (const JsonValue* label = schema.find("x-name"))
    out.label = {label->text_or("zh", name), label->text_or("en", name)};
  else out.label = {schema.text_or("title", name), schema.text_or("title", name)};
  if (const JsonValue* choices = schema.find("enum"); choices && choices->array()) {
    for (const JsonValue& choice : *choices->array())
      out.options.push_back(choice.text() ? *choice.text() : choice.dump());
  }
  if (const JsonValue* only = schema.find("const")) out.options = {only->text() ? *only->text() : only->dump()};
  return out;
}

std::vector<FieldSpec> fields_of(const JsonValue& schema) {
  std::vector<FieldSpec> out;
  const JsonValue* properties = schema.find("properties");
  if (!properties || !properties->object()) return out;
  for (const auto& [name, property] : *properties->object()) out.push_back(field_of(name, property));
  const JsonValue* required = schema.find("required");
  if (!required || !required->array()) return out;
  for (FieldSpec& field : out) {
    field.required = std::any_of(required->array()->begin(), required->array()->end(),
                                 [&](const JsonValue& name) { return name.text() && *name.text() == field.name; });
  }
  return out;
}

std::string told(valijson::ValidationResults& results) {
  std::string out;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    std::string where;
    for (const std::string& part : error.context) {
      if (part != "<root>") where += part;
    }
    const std::string one = where.empty() ? error.description : fmt::format("{}: {}", where, error.description);
    // The last are the most precise; what merely says that some part failed is left out.
    if (error.description.find("Failed to validate against schema associated with property") == std::string::npos)
      out += (out.empty() ? "" : "; ") + one;
  }
  return out.empty() ? "what was filled in does not fit the form" : out;
}

}  // namespace

base::Result<Form> Form::make(std::string_view schema_json) {
  const JsonValue parsed = TRY(JsonValue::parse(schema_json));
  if (!parsed.object()) return fail(Errc::invalid, "a form is a JSON Schema, which is an object");
  if (parsed.text_or("type", "object") != "object") return fail(Errc::invalid, "a form is a schema of an object");
  if (points_outside(parsed)) return fail(Errc::invalid, "'$ref' may point within the schema only");
  const nlohmann::json document = nlohmann::json::parse(schema_json, nullptr, false);
  if (document.is_discarded()) return fail(Errc::malformed, "the form is no JSON");
  auto schema = std::make_shared<Schema>();
  try {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(document), schema->is);
  } catch (const std::exception& problem) {
    return fail(Errc::invalid, "this is no JSON Schema: {}", problem.what());
  }
  Form out;
  out.schema_ = std::move(schema);
  out.fields_ = fields_of(parsed);
  out.json_ = schema_json;
  return out;
}

base::Status Form::check(const JsonValue& given) const {
  if (has_long_text(given)) return fail(Errc::invalid, "a text is longer than {} bytes", kTextMax);
  if (!schema_) return {};
  const nlohmann::json document =
      given.object() ? nlohmann::json::parse(given.dump(), nullptr, false) : nlohmann::json::object();
  if (document.is_discarded()) return fail(Errc::malformed, "what was filled in is no JSON");
  valijson::ValidationResults results;
  try {
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(schema_->is, Adapter(document), &results)) return {};
  } catch (const std::exception& problem) {
    return fail(Errc::invalid, "what was filled in cannot be checked: {}", problem.what());
  }
  return fail(Errc::invalid, "{}", told(results));
}

}  // namespace cityloop::casework
