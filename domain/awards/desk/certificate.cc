#include "domain/awards/desk/certificate.h"

#include "base/json_value.h"
#include "base/refusal.h"
#include "serve/dossier/sheet.h"
#include "trust/secret.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;

}  // namespace

base::Result<std::string> make_certificate(const Cycle& cycle, const Applicant& who, const Proposal& one,
                                           const Submission& received, serve::Language language) {
  const bool zh = language == serve::Language::zh;
  const auto in = [zh](const Bilingual& text) { return zh ? text.zh : text.en; };
  if (!cycle.certificate) return refuse(Errc::conflict, "本周期不颁发证书", "this cycle gives no certificates");
  if (one.stage != "awarded" && one.stage != "honoured")
    return refuse(Errc::conflict, "证书只颁给获奖和最终入围的申报",
                  "a certificate is of what was awarded or shortlisted to the end");
  const JsonValue text = TRY(JsonValue::parse(received.text));
  const JsonValue* const answers = text.find("answers");
  const Field* const field = cycle.title_field();
  const std::string title = answers && field ? text_of(cycle, *field, *answers, zh ? "zh" : "en") : one.title;
  const std::string unit = in(who.unit).empty() ? (zh ? who.unit.en : who.unit.zh) : in(who.unit);
  const Category* const category = cycle.category(one.category);
  const std::string distinction = one.stage == "awarded" ? in(cycle.distinction(one.prize))
                                  : zh                   ? "入围"
                                                         : "shortlisted";
  const std::string digest = trust::fingerprint(received.text);
  const serve::SheetInfo info{.title = fmt::format("{} {}", in(cycle.name), one.number),
                              .subject = title,
                              .author = in(cycle.organiser),
                              .language = zh ? "zh" : "en",
                              .made_at = one.confirmed_at,
                              .footer = serve::plain(in(cycle.organiser)),
                              .page_of = zh ? "第 {} 页，共 {} 页" : "Page {} of {}",
                              .font_config = ""};
  return serve::make_sheet(info, [&](serve::Sheet& sheet) {
    sheet.masthead({.office = in(cycle.organiser),
                    .title = zh ? "证书" : "Certificate",
                    .subject = title,
                    .number = one.number,
                    .state = distinction,
                    .state_ink = serve::ink::kSeal,
                    .code = fmt::format("{} sha256:{}", one.number, digest)});
    sheet.space(24);
    sheet.paragraph(serve::bold(unit));
    sheet.paragraph(serve::plain(zh ? fmt::format("《{}》{}", title, in(*cycle.certificate))
                                    : fmt::format("\"{}\" {}", title, in(*cycle.certificate))));
    sheet.space(12);
    const std::pair<std::string, std::string> facts[] = {{zh ? "评选" : "Cycle", in(cycle.name)},
                                                         {zh ? "类别" : "Category", category ? in(category->name) : ""},
                                                         {zh ? "荣誉" : "Distinction", distinction},
                                                         {zh ? "编号" : "Number", one.number}};
    sheet.facts(facts);
    sheet.space(12);
    sheet.note(
        serve::plain(fmt::format("{}{}", zh ? "申报内容的 SHA-256：" : "SHA-256 of what was submitted: ", digest)));
  });
}

base::Result<net::Response> certificate_response(EntryDesk& desk, const Applicant& who, const Proposal& one,
                                                 const net::Request& request) {
  const auto received = TRY(desk.book().submission(one.id, one.version));
  if (!received) return refuse(Errc::conflict, "从未提交", "it was never submitted");
  net::Response out;
  out.body = TRY(make_certificate(*desk.cycle(one.cycle), who, one, *received, serve::language_of(request)));
  out.content_type = "application/pdf";
  out.headers = {{"Content-Disposition", fmt::format("attachment; filename=\"{}.pdf\"", one.number)},
                 {"Cache-Control", "private, no-store"}};
  return out;
}

}  // namespace cityloop::awards
