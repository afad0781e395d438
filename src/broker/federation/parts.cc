#include "broker/federation/parts.h"

#include <algorithm>

#include "base/json_value.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using base::JsonWriter;

std::string problem_json(int status, std::string_view word, std::string_view detail) {
  JsonWriter out;
  out.object().field("type", error_type(word)).field("title", word).field("detail", detail).field("status", status);
  return out.end().take();
}

// What a source says went wrong, if it says it in a way that can be passed on.
std::optional<Trouble> told_by(const net::Response& response, int status) {
  const auto body = JsonValue::parse(response.body);
  if (!body || !body->object() || !body->find("type")) return std::nullopt;
  Trouble out;
  out.status = status;
  out.problem = body->dump();
  out.reason = body->text_or("detail", body->text_or("title", ""));
  return out;
}

std::string_view word_for(int status) {
  switch (status) {
    case 400: return "BadRequestData";
    case 404: return "ResourceNotFound";
    case 409: return "AlreadyExists";
    case 422: return "OperationNotSupported";
    case 508: return "LoopDetected";
    default: return "InternalError";
  }
}

void write_errors(JsonWriter& out, const std::string& entity, const std::vector<Part>& parts) {
  out.key("errors").array();
  const auto add = [&](const std::string& registration, std::string_view problem) {
    out.object().field("entityId", entity);
    if (!registration.empty()) out.field("registrationId", registration);
    out.key("error").raw(problem).end();
  };
  for (const Part& part : parts) {
    if (!part.good) add(part.registration, part.trouble.problem);
    for (const NotUpdated& one : part.not_updated) {
      add(part.registration, problem_json(409, "Conflict", fmt::format("{}: {}", one.attribute, one.reason)));
    }
  }
  out.end();
}

std::string update_result(const std::vector<Part>& parts) {
  JsonWriter out;
  std::vector<std::string> updated;
  std::vector<NotUpdated> left;
  for (const Part& part : parts) {
    left.insert(left.end(), part.not_updated.begin(), part.not_updated.end());
    for (const flow::Name name : part.attributes) {
      std::string iri = twin::Context::iri_of(name.text());
      if (!part.good) left.push_back({iri, part.trouble.reason, part.registration});
      else if (std::ranges::find(part.not_updated, iri, &NotUpdated::attribute) == part.not_updated.end()) {
        updated.push_back(std::move(iri));
      }
    }
  }
  std::ranges::sort(updated);
  updated.erase(std::ranges::unique(updated).begin(), updated.end());
  out.object().key("updated").array();
  for (const std::string& name : updated) out.text(name);
  out.end().key("notUpdated").array();
  for (const NotUpdated& one : left) {
    out.object().field("attributeName", one.attribute).field("reason", one.reason);
    if (!one.registration.empty()) out.field("registrationId", one.registration);
    out.end();
  }
  out.end().end();
  return out.take();
}

std::vector<NotUpdated> not_updated_in(const std::string& body, const std::string& registration) {
  std::vector<NotUpdated> out;
  const auto parsed = JsonValue::parse(body);
  const JsonValue* list = parsed ? parsed->find("notUpdated") : nullptr;
  if (list && list->array()) {
    for (const JsonValue& item : *list->array()) {
      out.push_back({item.text_or("attributeName", ""), item.text_or("reason", ""),
                     item.text_or("registrationId", registration)});
    }
  }
  const JsonValue* errors = parsed ? parsed->find("errors") : nullptr;
  if (errors && errors->array()) {
    for (const JsonValue& item : *errors->array()) {
      const JsonValue* error = item.find("error");
      out.push_back({item.text_or("entityId", ""), error ? error->text_or("detail", error->text_or("title", "")) : "",
                     item.text_or("registrationId", registration)});
    }
  }
  return out;
}

}  // namespace

Trouble trouble_of(const Answer& answer) {
  const std::string& id = answer.forward.registration->id;
  if (!answer.came()) {
    const int status = answer.fate == Fate::timed_out ? 504 : 502;
    std::string reason = fmt::format("the source of '{}' {}: {}", id,
                                     status == 504 ? "did not answer in time" : "cannot be reached", answer.reason);
    return {status, problem_json(status, "InternalError", reason), reason};
  }
  const int theirs = answer.response.status;
  // A refusal is passed on as it is; that the source itself is out of order is ours to tell.
  const int status = (theirs >= 400 && theirs < 500) || theirs == 508 ? theirs : 502;
  if (auto told = told_by(answer.response, status)) return std::move(*told);
  std::string reason = fmt::format("the source of '{}' answered {}", id, theirs);
  return {status, problem_json(status, word_for(status), reason), reason};
}

Trouble trouble_of(const net::Response& ours) {
  if (auto told = told_by(ours, ours.status)) return std::move(*told);
  const std::string reason = fmt::format("refused with {}", ours.status);
  return {ours.status, problem_json(ours.status, word_for(ours.status), reason), reason};
}

Trouble unsupported_by(const Registration& registration, Operation operation) {
  std::string reason = fmt::format("the {} registration '{}' does not take part in {}", to_string(registration.mode),
                                   registration.id, to_string(operation));
  return {409, problem_json(409, "Conflict", reason), reason};
}

net::Response response_of(const Trouble& trouble) {
  net::Response out;
  out.status = trouble.status;
  out.body = trouble.problem;
  out.content_type = "application/problem+json";
  return out;
}

Part part_of(const Answer& answer) {
  Part out;
  out.registration = answer.forward.registration->id;
  out.attributes = answer.forward.attributes;
  out.good = answer.good();
  out.made = answer.response.status == 201;
  if (!out.good) out.trouble = trouble_of(answer);
  else if (answer.response.status == 207) out.not_updated = not_updated_in(answer.response.body, out.registration);
  return out;
}

Part part_of(const net::Response& ours, std::vector<flow::Name> attributes) {
  Part out;
  out.attributes = std::move(attributes);
  out.good = ours.status >= 200 && ours.status < 300;
  out.made = ours.status == 201;
  if (!out.good) out.trouble = trouble_of(ours);
  else if (ours.status == 207) out.not_updated = not_updated_in(ours.body, "");
  out.response = ours;
  return out;
}

net::Response answer_of(const Answering& how, const std::vector<Part>& all) {
  // That the entity is not held here says nothing where sources were asked for the same.
  std::vector<Part> parts = all;
  const bool elsewhere = std::ranges::any_of(all, [](const Part& part) { return !part.registration.empty(); });
  const auto only_absent = [&](const Part& part) {
    if (!part.registration.empty() || part.good || part.trouble.status != 404) return false;
    const auto told = [&](flow::Name name) {
      return std::ranges::any_of(all, [&](const Part& other) {
        return other.good && !other.registration.empty() &&
               (other.attributes.empty() || std::ranges::find(other.attributes, name) != other.attributes.end());
      });
    };
    return elsewhere && std::ranges::all_of(part.attributes, told) &&
           std::ranges::any_of(all, [](const Part& other) { return other.good; });
  };
  std::erase_if(parts, only_absent);
  const auto ours = std::ranges::find_if(parts, [](const Part& part) { return part.registration.empty(); });
  const bool some = std::ranges::any_of(parts, &Part::good);
  const bool whole = std::ranges::all_of(parts, [](const Part& p) { return p.good && p.not_updated.empty(); });
  if (!some) {
    if (parts.empty()) return problem(404, "ResourceNotFound", fmt::format("there is no entity '{}'", how.entity));
    if (ours != parts.end() && (parts.size() == 1 || ours->trouble.status != 404)) return ours->response;
    const auto known = std::ranges::find_if(parts, [](const Part& part) { return part.trouble.status != 404; });
    return response_of((known == parts.end() ? parts.front() : *known).trouble);
  }
  const bool makes =
      !how.location.empty() && std::ranges::any_of(parts, [](const Part& p) { return p.good && p.made; });
  if (whole && ours != parts.end()) return ours->response;
  net::Response out = empty(makes ? 201 : 204);
  if (makes) out.headers.emplace_back("Location", how.location);
  if (whole) return out;
  out = {207, {}, "application/json", std::move(out.headers)};
  if (how.attribute_lists) {
    out.body = update_result(parts);
    return out;
  }
  JsonWriter body;
  body.object().key("success").array().text(how.entity).end();
  write_errors(body, how.entity, parts);
  out.body = body.end().take();
  return out;
}

}  // namespace cityloop::broker
