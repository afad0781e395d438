#include "serve/dossier/evidence.h"

#include <algorithm>

#include "flow/noun.h"
#include "serve/dossier/zip_file.h"
#include "trust/secret.h"

namespace cityloop::serve {
namespace {

using base::JsonValue;
using base::JsonWriter;
using base::Result;
using flow::Case;

using Mask = std::function<std::string(std::string_view)>;

void write_value(JsonWriter& out, const flow::Value& value, const Mask& mask) {
  if (const double* const number = std::get_if<double>(&value)) out.number(*number);
  else if (const bool* const flag = std::get_if<bool>(&value)) out.boolean(*flag);
  else if (const auto* const json = std::get_if<flow::Json>(&value)) out.raw(masked_json(json->text, mask));
  else if (const auto* const text = std::get_if<flow::Text>(&value)) {
    JsonWriter quoted;
    quoted.text(text->view());
    out.raw(masked_json(quoted.str(), mask));
  } else {
    out.null();
  }
}

void write_change(JsonWriter& out, const flow::Change& change, const Mask& mask) {
  constexpr std::string_view kKinds[] = {"created", "updated", "erased"};
  out.object()
      .field("entity", change.entity.text())
      .field("kind", kKinds[std::size_t(change.kind)])
      .key("types")
      .array();
  for (const flow::Name type : change.types) out.text(type.text());
  out.end().key("attributes").array();
  for (const flow::AttributeChange& one : change.attributes) {
    // Numbers that people call are no telephones.
    const bool number = one.now.name.text() == "code" || one.now.name.text() == "externalId";
    const Mask as_it_is = [](std::string_view text) { return std::string(text); };
    const Mask& hide = number ? as_it_is : mask;
    out.object().field("name", one.now.name.text());
    if (one.before) write_value(out.key("before"), *one.before, hide);
    if (one.removed) out.field("removed", true);
    else write_value(out.key("after"), one.now.value, hide);
    if (!one.now.unit_code.empty()) out.field("unitCode", one.now.unit_code.text());
    if (one.now.observed_at != flow::kNever) out.field("observedAt", base::format_time(one.now.observed_at));
    out.end();
  }
  out.end().end();
}

std::string log_lines(const DossierSources& on, const Dossier& dossier) {
  std::string out;
  for (const TrailRecord& record : dossier.log.records) out += record_line(record, on.mask) + '\n';
  return out;
}

// The files of the case rules as they were written.
std::vector<PackedFile> rules_of(const Dossier& dossier) {
  std::vector<PackedFile> out;
  if (!dossier.rules) return out;
  const auto files = JsonValue::parse(flow::json_field(*dossier.rules, "files"));
  if (!files || !files->array()) return out;
  for (const JsonValue& file : *files->array()) {
    std::string name = file.text_or("name", "");
    std::ranges::replace(name, '/', '_');
    out.push_back({"rules/" + name, file.text_or("text", "")});
  }
  return out;
}

std::vector<PackedFile> photos_of(const Dossier& dossier) {
  std::vector<PackedFile> out;
  for (const DossierPhoto& photo : dossier.photos) {
    if (!photo.jpeg.empty())
      out.push_back({fmt::format("photos/{:03}-{}.jpg", out.size() + 1, photo.id.substr(0, 12)), photo.jpeg, true});
  }
  return out;
}

std::string_view readme(bool zh) {
  return zh ? R"(这是什么

一件城市案件的案卷与证据，由城市运行日志生成。

  sheet.zh.pdf, sheet.en.pdf   可打印的案卷
  case.json                    案件，与接口 GET /api/v1/cases/{id} 一致
  log.jsonl                    日志中与本案有关的每条记录：编号、时间、作者、变更前后
  photos/                      照片
  rules/                       本案所依据的规则版本（流程、时限、日历、类别）
  manifest.json                清单：每个文件与每条日志记录的 SHA-256
  SHA256SUMS                   同样的文件摘要，可用 sha256sum 核验

如何核验

  sha256sum -c SHA256SUMS

manifest.json 中 records 的 sha256 是日志所存原始记录的摘要：持有日志者可逐条比对。导出一事（何人、何时、
导出文件的 SHA-256）本身记入日志，类型为 urn:cityloop:CaseExport。

上报人的联系方式从不进入日志，也不在此处。文字中疑似个人信息的部分（电话、邮箱、证件号等）已以 ■ 一类字符隐去；
因此 log.jsonl 的文字可能与日志原文不同，而摘要仍是原文的摘要。
)"
            : R"(What this is

One case of a city with its evidence, made from the city's log.

  sheet.zh.pdf, sheet.en.pdf   the case to be printed
  case.json                    the case as GET /api/v1/cases/{id} shows it
  log.jsonl                    every record of the log that concerns the case: number, time, author, before and after
  photos/                      its photos
  rules/                       the version of the case rules by which it ran (workflow, limits, calendars, categories)
  manifest.json                SHA-256 of every file here, and of every record as the log holds it
  SHA256SUMS                   the same sums of the files, for sha256sum

How to verify it

  sha256sum -c SHA256SUMS

The sums under "records" in manifest.json are of the records as the log itself holds them: whoever has the log can compare
each. That this was exported (by whom, when, and the SHA-256 of the file) stands in the log as well, as an entity of the type
urn:cityloop:CaseExport.

How a reporter is reached never enters the log, and is not here. What looks like personal data in people's words (telephone
numbers, e-mail addresses, identity cards and the like) is blacked out; so texts in log.jsonl may differ from the log, while the
sums are those of the log.
)";
}

std::string manifest(const DossierSources& on, const Dossier& dossier, std::span<const PackedFile> files) {
  const Case& one = dossier.one.is;
  JsonWriter out;
  out.object().field("format", "cityloop-case-dossier").field("version", 1).key("case").object();
  out.field("id", one.id.text())
      .field("code", one.code)
      .field("rules", one.rules)
      .field("archived", dossier.archived)
      .end();
  write(out.key("city"), on.city.name);
  out.field("timeZone", on.zone.name())
      .field("madeAt", base::format_time(dossier.made_at))
      .field("madeBy", dossier.made_by);
  out.field("personalData", "blacked out").key("files").array();
  for (const PackedFile& file : files)
    out.object()
        .field("name", file.name)
        .field("bytes", file.content.size())
        .field("sha256", trust::fingerprint(file.content))
        .end();
  out.end().key("log").object().field("head", dossier.log.head).field("records", dossier.log.records.size());
  out.field("trimmed", dossier.log.trimmed).field("leftOut", dossier.log.left_out).end();
  out.key("records").array();
  for (const TrailRecord& record : dossier.log.records)
    out.object()
        .field("seq", record.is.seq)
        .field("at", base::format_time(record.is.at))
        .field("sha256", record.sha256)
        .end();
  out.end().key("photos").array();
  for (const DossierPhoto& photo : dossier.photos) {
    out.object()
        .field("id", photo.id)
        .field("at", base::format_time(photo.at))
        .field("by", photo.by)
        .field("step", photo.verb);
    out.field("included", !photo.jpeg.empty()).end();
  }
  out.end().end();
  return out.take();
}

}  // namespace

std::string record_line(const TrailRecord& record, const Mask& mask) {
  JsonWriter out;
  out.object()
      .field("seq", record.is.seq)
      .field("at", base::format_time(record.is.at))
      .field("by", record.is.origin.text());
  out.field("sha256", record.sha256).key("changes").array();
  for (const flow::Change& change : record.is.changes) write_change(out, change, mask);
  out.end().end();
  return out.take();
}

std::string case_json(const DossierSources& on, const Dossier& dossier, Language language, const CaseFinder& find) {
  JsonWriter out;
  out.object();
  write_summary_fields(out, dossier.one.is, {on.twin, language});
  write_detail(out, dossier.one, [&](flow::EntityId id) -> std::optional<Case> {
    const auto known = std::ranges::find(dossier.named, id, &Case::id);
    return known != dossier.named.end() ? std::optional(*known) : find(id);
  });
  out.field("archived", dossier.archived).key("actions").array().end().end();
  return out.take();
}

std::string file_name(const Case& one) {
  return "case-" + (one.code.empty() ? trust::fingerprint(one.id.text()).substr(0, 12) : one.code);
}

Result<std::string> make_evidence(const DossierSources& on, const Dossier& dossier, Language language,
                                  const CaseFinder& find, const SheetStyle& style) {
  std::vector<PackedFile> files;
  files.push_back({"sheet.zh.pdf", TRY(make_case_sheet(on, dossier, Language::zh, style)), true});
  files.push_back({"sheet.en.pdf", TRY(make_case_sheet(on, dossier, Language::en, style)), true});
  files.push_back({"case.json", case_json(on, dossier, language, find)});
  files.push_back({"log.jsonl", log_lines(on, dossier)});
  std::ranges::move(photos_of(dossier), std::back_inserter(files));
  std::ranges::move(rules_of(dossier), std::back_inserter(files));
  files.push_back({"README.zh.txt", std::string(readme(true))});
  files.push_back({"README.en.txt", std::string(readme(false))});
  files.push_back({"manifest.json", manifest(on, dossier, files)});
  std::string sums;
  for (const PackedFile& file : files) sums += fmt::format("{}  {}\n", trust::fingerprint(file.content), file.name);
  files.push_back({"SHA256SUMS", std::move(sums)});
  const std::string folder = file_name(dossier.one.is) + '/';
  for (PackedFile& file : files) file.name.insert(0, folder);
  return make_zip(files, dossier.made_at);
}

}  // namespace cityloop::serve
