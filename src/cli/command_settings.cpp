#include "base/suggest.hpp"
#include "cli/answer.hpp"
#include "cli/command.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

class SettingsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    list_ = app.add_subcommand("list", "all of them");
    add_output_options(*list_, output_);
    add_store_options(*list_, store_);
    get_ = app.add_subcommand("get", "the JSON value of one");
    get_->add_option("KEY", key_)->required()->type_name("");
    add_store_options(*get_, store_);
    set_ = app.add_subcommand("set", "keep a value; a text needs its JSON quotes: '\"dark\"'");
    set_->add_option("KEY", key_)->required()->type_name("");
    set_->add_option("JSON", value_)->required()->type_name("");
    add_store_options(*set_, store_);
    delete_ = app.add_subcommand("delete", "forget one");
    delete_->add_option("KEY", key_)->required()->type_name("");
    add_store_options(*delete_, store_);
    app.require_subcommand(0, 1);
  }

  int run() override {
    if (list_->parsed()) return list();
    if (get_->parsed()) return get();
    if (!set_->parsed() && !delete_->parsed()) {
      throw Error{ErrorCode::invalid_argument, "settings needs one of: list, get, set, delete"};
    }
    Store store = open_store(store_, OpenMode::write);
    if (set_->parsed()) {
      store.set_setting(key_, value_);
    } else if (!store.delete_setting(key_)) {
      fail_unknown(store);
    }
    return kExitOk;
  }

 private:
  int list() const {
    const Store store = open_store(store_, OpenMode::read);
    Output output{output_};
    static const std::array<Column, 2> columns{{{"key"}, {"value"}}};
    output.begin(columns);
    for (const auto& [key, value] : store.settings()) {
      if (output.row(std::array<Cell, 2>{std::string_view{key}, std::string_view{value}}) ==
          KeepGoing::stop) {
        break;
      }
    }
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

  int get() const {
    const Store store = open_store(store_, OpenMode::read);
    const std::optional<std::string> value = store.find_setting(key_);
    if (!value) fail_unknown(store);
    TextFile out;
    out.text() = *value + "\n";
    out.finish();
    return kExitOk;
  }

  [[noreturn]] void fail_unknown(const Store& store) const {
    std::vector<std::string> known;
    for (const auto& [key, value] : store.settings())
      known.push_back(key);
    const std::optional<std::string> meant = nearest(key_, known);
    throw Error{ErrorCode::not_found,
                fmt::format("the store has no setting '{}'{}", key_,
                            meant ? fmt::format("; did you mean '{}'?", *meant) : "")};
  }

  StoreChoice store_;
  OutputOptions output_;
  std::string key_;
  std::string value_;
  CLI::App* list_ = nullptr;
  CLI::App* get_ = nullptr;
  CLI::App* set_ = nullptr;
  CLI::App* delete_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_settings_command() {
  return std::make_unique<SettingsCommand>();
}

}  // namespace tapedeck
