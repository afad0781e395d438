#include "domain/awards/entry/entry_routes.h"

#include <charconv>

#include "base/refusal.h"
#include "domain/awards/desk/certificate.h"
#include "domain/awards/entry/cycle_view.h"
#include "serve/views.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using net::Method;
using net::Response;
using serve::write_time;
using trust::Permission;

Result<Response> list_cycles(const Office& on, const Asked& asked) {
  JsonWriter out;
  out.object().key("cycles").array();
  for (const Cycle& one : on.desk.cycles()) write_cycle(out, one, asked.arrived, false);
  return json(out.end().end());
}

Result<Response> show_cycle(const Office& on, const Asked& asked) {
  const Cycle* const found = on.desk.cycle(asked.part("cycle"));
  if (!found) return refuse(Errc::not_found, "没有这个评选周期", "there is no such cycle");
  JsonWriter out;
  write_cycle(out, *found, asked.arrived, true);
  return json(out);
}

// the own unit

Response profile_response(const std::optional<Applicant>& who) {
  JsonWriter out;
  const Applicant one = who.value_or(Applicant{});
  write(out.object(), "unit", one.unit);
  out.field("unitCode", one.unit_code).field("city", one.city).field("person", one.person);
  out.field("email", one.email).field("phone", one.phone).field("language", one.language).end();
  return json(out);
}

Result<Response> show_profile(const Office& on, const Asked& asked) {
  return profile_response(TRY(on.desk.applicant_of(asked.who.id)));
}

Result<Response> put_profile(const Office& on, const Asked& asked) {
  return profile_response(TRY(on.desk.put_profile(asked.who.id, TRY(body_of(asked)))));
}

// proposals

// Where to, why, and what the applicant has replied already.
base::Status write_transfer(JsonWriter& out, Book& book, const Proposal& one) {
  if (one.transfer_to.empty()) {
    out.key("transferTo").null().field("transferNote", "").key("transferReply").null();
    return {};
  }
  const Transfer told = transfer_in(TRY(book.events(one.id)));
  out.field("transferTo", one.transfer_to).field("transferNote", told.note).key("transferReply");
  if (told.replied_at == base::kNever) {
    out.null();
    return {};
  }
  out.object().field("agrees", told.agreed).field("why", told.why);
  write_time(out, "at", told.replied_at);
  out.end();
  return {};
}

void write_publication(JsonWriter& out, const Proposal& one) {
  out.field("optOut", one.opted_out).key("consents").array();
  for (const std::string& channel : one.consents) out.text(channel);
  out.end();
}

void write_uploads(const Office& on, JsonWriter& out, const std::vector<Upload>& uploads) {
  out.key("uploads").array();
  for (const Upload& one : uploads) {
    out.object().field("id", one.id).field("slot", one.slot).field("name", one.name).field("bytes", one.bytes);
    out.field("received", on.desk.vault().received(one.id).value_or(0)).end();
  }
  out.end();
}

Result<Response> entry_response(const Office& on, const Applicant& who, const Proposal& one, int status = 200) {
  const Cycle& cycle = *on.desk.cycle(one.cycle);
  JsonWriter out;
  write_head(out.object(), one);
  out.field("revision", one.revision).key("answers").raw(one.answers);
  TRY(write_transfer(out, on.desk.book(), one));
  write_publication(out, one);
  const bool confirms = one.stage == "shortlisted" && cycle.confirm_within > base::Duration::zero();
  write_time(out, "confirmBefore", confirms ? one.shortlisted_at + cycle.confirm_within : base::kNever);
  write_files(out, TRY(on.desk.book().files(one.id)));
  write_uploads(on, out, TRY(on.desk.book().uploads(one.id)));
  write_questions(out, TRY(on.desk.book().questions(one.id)), false);
  write_lacks(out, TRY(on.desk.lacks(who, one)));
  out.key("receipts").array();
  for (const Submission& version : TRY(on.desk.book().submissions(one.id))) {
    out.object().field("version", version.version);
    write_time(out, "at", version.at);
    out.end();
  }
  out.end();
  return json(out.end(), status);
}

Result<Response> list_entries(const Office& on, const Asked& asked) {
  const auto who = TRY(on.desk.applicant_of(asked.who.id));
  JsonWriter out;
  out.object().key("entries").array();
  if (who) {
    const std::string cycle(asked.request.argument("cycle").value_or(""));
    for (const Proposal& one : TRY(on.desk.book().proposals({.cycle = cycle, .applicant = who->id}, 1000, 0))) {
      write_head(out.object(), one);
      out.end();
    }
  }
  return json(out.end().end());
}

Result<Response> make_entry(const Office& on, const Asked& asked) {
  const auto who = TRY(on.desk.applicant_of(asked.who.id));
  if (!who) return refuse(Errc::conflict, "请先填写单位信息", "first say which unit you are");
  const JsonValue body = TRY(body_of(asked));
  return entry_response(
      on, *who, TRY(on.desk.make(*who, body.text_or("cycle", ""), body.text_or("category", ""), asked.arrived)), 201);
}

Result<Response> show_entry(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  return entry_response(on, who, TRY(on.desk.own(who, asked.part("id"))));
}

Result<Response> save_entry(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  const JsonValue body = TRY(body_of(asked));
  const double revision = body.number_or("revision", -1);
  if (!(revision >= 0 && revision < 1e9))
    return refuse(Errc::invalid, "“revision”须说明所改的是哪一版", "'revision' says which one was changed");
  return entry_response(on, who,
                        TRY(on.desk.save(who, asked.part("id"), unsigned(revision), body.text_or("category", ""),
                                         body.find("answers"), asked.arrived)));
}

Result<Response> drop_entry(const Office& on, const Asked& asked) {
  TRY(on.desk.drop(TRY(on.applicant(asked)), asked.part("id")));
  Response out;
  out.status = 204;
  return out;
}

Response receipt_response(const Submission& one) {
  Response out = serve::json_response(one.receipt);
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

Result<Response> submit_entry(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  const auto received = on.desk.submit(who, asked.part("id"), asked.arrived);
  if (received) return receipt_response(*received);
  if (received.error().code != Errc::invalid) return std::unexpected(received.error());
  JsonWriter out;
  out.object().field("type", "about:blank").field("title", "something is missing").field("status", 422);
  const auto why = base::in_both(received.error().message);
  out.field("detail", why ? why->en : received.error().message);
  if (why) write(out, "text", {std::string(why->zh), std::string(why->en)});
  write_lacks(out, TRY(on.desk.lacks(who, TRY(on.desk.own(who, asked.part("id"))))));
  Response response = json(out.end(), 422);
  response.content_type = "application/problem+json";
  return response;
}

Result<Response> answer_entry(const Office& on, const Asked& asked) {
  return receipt_response(
      TRY(on.desk.answer(TRY(on.applicant(asked)), asked.part("id"), TRY(body_of(asked)), asked.arrived)));
}

Result<Response> reply_to_transfer(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  const JsonValue body = TRY(body_of(asked));
  const JsonValue* const agrees = body.find("agree");
  if (!agrees || !agrees->boolean())
    return refuse(Errc::invalid, "“agree”为 true 或 false", "'agree' is true or false");
  return entry_response(on, who,
                        TRY(on.desk.reply_to_transfer(who, asked.part("id"), *agrees->boolean(),
                                                      body.text_or("why", ""), asked.arrived)));
}

Result<Response> withdraw_entry(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  return entry_response(on, who, TRY(on.desk.withdraw(who, asked.part("id"), asked.arrived)));
}

Result<Response> confirm_entry(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  return entry_response(on, who, TRY(on.desk.confirm(who, asked.part("id"), asked.arrived)));
}

Result<Response> publish_entry(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  return entry_response(on, who,
                        TRY(on.desk.set_publication(who, asked.part("id"), TRY(body_of(asked)), asked.arrived)));
}

Result<Response> show_receipt(const Office& on, const Asked& asked) {
  const Proposal one = TRY(on.desk.own(TRY(on.applicant(asked)), asked.part("id")));
  for (const Submission& version : TRY(on.desk.book().submissions(one.id)))
    if (fmt::format("{}", version.version) == asked.part("version") && !version.receipt.empty())
      return receipt_response(version);
  return refuse(Errc::not_found, "没有这份回执", "there is no such receipt");
}

Result<Response> show_certificate(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  const Proposal one = TRY(on.desk.own(who, asked.part("id")));
  return certificate_response(on.desk, who, one, asked.request);
}

// files

Response upload_response(const Upload& one, std::uint64_t received, int status = 200) {
  JsonWriter out;
  out.object().field("id", one.id).field("bytes", one.bytes).field("received", received).field("partMax", kPartMax);
  return json(out.end(), status);
}

Result<Response> begin_upload(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  const JsonValue body = TRY(body_of(asked));
  const double bytes = body.number_or("bytes", 0);
  if (!(bytes >= 0 && bytes < 1e15))
    return refuse(Errc::invalid, "“bytes”须说明文件大小", "'bytes' says how large the file is");
  const NewUpload wish{body.text_or("slot", ""), body.text_or("name", ""), body.text_or("sha256", ""),
                       std::uint64_t(bytes)};
  return upload_response(TRY(on.desk.begin_upload(who, asked.part("id"), wish, asked.arrived)), 0, 201);
}

Result<Response> take_part(const Office& on, const Asked& asked) {
  const Applicant who = TRY(on.applicant(asked));
  const std::string_view text = asked.part("offset");
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc{} || end != text.data() + text.size())
    return refuse(Errc::invalid, "偏移量为字节数", "an offset is a number of bytes");
  const std::uint64_t received = TRY(on.desk.take_part(who, asked.part("id"), offset, asked.request.body));
  JsonWriter out;
  return json(out.object().field("received", received).end());
}

Result<Response> finish_upload(const Office& on, const Asked& asked) {
  const TakenFile taken = TRY(on.desk.finish_upload(TRY(on.applicant(asked)), asked.part("id"), asked.arrived));
  if (!taken.file) return refusal(taken.refusal);
  JsonWriter out;
  write_files(out.object(), {*taken.file});
  return json(out.end(), 201);
}

Result<Response> drop_upload(const Office& on, const Asked& asked) {
  TRY(on.desk.drop_upload(TRY(on.applicant(asked)), asked.part("id")));
  Response out;
  out.status = 204;
  return out;
}

Result<Response> show_file(const Office& on, const Asked& asked) {
  const Proposal one = TRY(on.desk.own(TRY(on.applicant(asked)), asked.part("id")));
  const auto file = TRY(on.desk.book().file(asked.part("file")));
  if (!file || file->proposal != one.id) return refuse(Errc::not_found, "没有这个文件", "there is no such file");
  return file_response(asked.request, on.desk.vault(), *file, file->name);
}

Result<Response> drop_file(const Office& on, const Asked& asked) {
  TRY(on.desk.drop_file(TRY(on.applicant(asked)), asked.part("id"), asked.part("file")));
  Response out;
  out.status = 204;
  return out;
}

}  // namespace

void EntryRoutes::add_to(net::Router& router) const {
  const auto with = [this](auto function) {
    return [&office = office, function](const Asked& asked) { return function(office, asked); };
  };
  const auto read = [&](std::string_view path, Permission right, auto function) {
    router.add(Method::get, path, office.reads(right, with(function)));
  };
  const auto change = [&](Method method, std::string_view path, auto function) {
    router.add(method, path, office.changes(Permission::enter_awards, with(function)));
  };
  read("/api/v1/awards/cycles", Permission::see_awards, list_cycles);
  read("/api/v1/awards/cycles/{cycle}", Permission::see_awards, show_cycle);
  read("/api/v1/awards/profile", Permission::enter_awards, show_profile);
  change(Method::put, "/api/v1/awards/profile", put_profile);
  read("/api/v1/awards/entries", Permission::enter_awards, list_entries);
  change(Method::post, "/api/v1/awards/entries", make_entry);
  read("/api/v1/awards/entries/{id}", Permission::enter_awards, show_entry);
  change(Method::put, "/api/v1/awards/entries/{id}", save_entry);
  change(Method::del, "/api/v1/awards/entries/{id}", drop_entry);
  change(Method::post, "/api/v1/awards/entries/{id}/submit", submit_entry);
  change(Method::post, "/api/v1/awards/entries/{id}/answers", answer_entry);
  change(Method::post, "/api/v1/awards/entries/{id}/transfer", reply_to_transfer);
  change(Method::post, "/api/v1/awards/entries/{id}/withdraw", withdraw_entry);
  change(Method::post, "/api/v1/awards/entries/{id}/confirm", confirm_entry);
  change(Method::put, "/api/v1/awards/entries/{id}/publication", publish_entry);
  read("/api/v1/awards/entries/{id}/receipts/{version}", Permission::enter_awards, show_receipt);
  change(Method::get, "/api/v1/awards/entries/{id}/certificate.pdf", show_certificate);
  change(Method::post, "/api/v1/awards/entries/{id}/uploads", begin_upload);
  change(Method::put, "/api/v1/awards/uploads/{id}/{offset}", take_part);
  change(Method::post, "/api/v1/awards/uploads/{id}/finish", finish_upload);
  change(Method::del, "/api/v1/awards/uploads/{id}", drop_upload);
  read("/api/v1/awards/entries/{id}/files/{file}", Permission::enter_awards, show_file);
  change(Method::del, "/api/v1/awards/entries/{id}/files/{file}", drop_file);
}

}  // namespace cityloop::awards
