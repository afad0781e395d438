// PDFs, as qpdf tells their objects (JSON, version 2).
#include <set>

#include "base/json_value.h"
#include "domain/awards/entry/file_check.h"
#include "domain/awards/entry/program.h"

namespace cityloop::awards {
namespace {

using base::JsonValue;

// Keys of dictionaries, and names of actions, that do something when a reader opens the file or touches it; and what
// carries other files. A link to a page or to the web is none of them.
struct Danger {
  std::string_view code;
  Bilingual text;
  std::set<std::string, std::less<>> keys, actions;
};
const std::vector<Danger>& dangers() {
  static const std::vector<Danger> all{
      {"script",
       {"文件含有脚本（JavaScript）", "it contains a script (JavaScript)"},
       {"/JS", "/JavaScript"},
       {"/JavaScript", "/Rendition"}},
      {"action",
       {"文件含有自动启动程序或外部内容的动作", "it contains an action that starts a program or outside content"},
       {},
       {"/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Movie", "/Sound", "/RichMediaExecute"}},
      {"embedded",
       {"文件内嵌有其他文件", "it has other files inside"},
       {"/EmbeddedFiles", "/EmbeddedFile", "/EF", "/RichMediaContent"},
       {}},
      {"form", {"文件含有动态表单（XFA）", "it contains a dynamic form (XFA)"}, {"/XFA"}, {}}};
  return all;
}

class Looker {
 public:
  void look(const JsonValue& at) {
    if (const auto* const list = at.array()) {
      for (const JsonValue& one : *list) look(one);
    } else if (const auto* const members = at.object()) {
      for (const auto& [key, value] : *members) see(key, value), look(value);
    }
  }
  const Danger* found() const { return found_; }

 private:
  // Null entries stand for keys that are as good as absent.
  void see(const std::string& key, const JsonValue& value) {
    if (found_ || std::holds_alternative<std::monostate>(value.is)) return;
    for (const Danger& one : dangers()) {
      const bool acts = key == "/S" && value.text() && one.actions.contains(*value.text());
      const bool typed = key == "/Type" && value.text() && one.keys.contains(*value.text());
      if (one.keys.contains(key) || acts || typed) found_ = &one;
    }
  }
  const Danger* found_{nullptr};
};

bool says(const std::string& text, std::string_view word) {
  return text.find(word) != text.npos;
}

}  // namespace

base::Result<Checked> check_pdf(const std::string& path, unsigned pages_max) {
  if (!says(TRY(head_of(path, 1024)), "%PDF-")) return refused("not_pdf", "这不是 PDF 文件", "it is no PDF");
  const ProgramOutcome told = TRY(run_program({"qpdf", "--json=2", "--json-key=pages", "--json-key=encrypt",
                                               "--json-key=qpdf", "--json-stream-data=none", "--", path}));
  if (told.timed_out || told.too_much || told.status >= 128)
    return refused("too_complex", "文件结构过于复杂，无法检查", "its structure is too large to be checked");
  if (says(told.err, "invalid password"))
    return refused("encrypted", "文件已加密，请去除密码后上传", "it is encrypted: remove the password");
  // Damage that qpdf mends by guessing may have cost pages; harmless warnings are let pass.
  const bool mended = says(told.err, "file is damaged") || says(told.err, "reconstruct");
  const auto json = told.status == 2 ? base::Result<JsonValue>{} : JsonValue::parse(told.out);
  if (told.status == 2 || mended || !json || !json->object())
    return refused("broken", "文件已损坏，无法完整读取", "it is broken and cannot be read as a whole");
  const JsonValue* const encrypt = json->find("encrypt");
  if (encrypt && encrypt->boolean_or("encrypted", false))
    return refused("encrypted", "文件已加密或限制了权限，请去除后上传", "it is encrypted or restricted: remove that");
  Looker looker;
  if (const JsonValue* const objects = json->find("qpdf")) looker.look(*objects);
  if (const Danger* const found = looker.found())
    return refused(std::string(found->code), found->text.zh, found->text.en);
  const JsonValue* const pages = json->find("pages");
  Checked out{{.media_type = "application/pdf", .extension = ".pdf"}, {}};
  out.facts.pages = pages && pages->array() ? unsigned(pages->array()->size()) : 0;
  if (out.facts.pages == 0) return refused("broken", "文件没有页面", "it has no pages");
  if (pages_max > 0 && out.facts.pages > pages_max)
    return refused("too_many_pages", fmt::format("共 {} 页，最多 {} 页", out.facts.pages, pages_max),
                   fmt::format("it has {} pages, {} at most are allowed", out.facts.pages, pages_max));
  return out;
}

}  // namespace cityloop::awards
