package com.linkedin.venice.rust;

import java.util.Map;

/** JSON as it is written: members of objects one after the other, texts with their escapes. */
final class JsonText {
  private final StringBuilder text = new StringBuilder();

  /** Whether the next value of the object or array stands behind a comma. */
  private boolean more;

  JsonText open(char bracket) {
    comma();
    text.append(bracket);
    more = false;
    return this;
  }

  JsonText close(char bracket) {
    text.append(bracket);
    more = true;
    return this;
  }

  /** The name of a member, whose value comes next. */
  JsonText name(String name) {
    comma();
    quoted(name);
    text.append(':');
    more = false;
    return this;
  }

  JsonText value(String value) {
    comma();
    quoted(value);
    return this;
  }

  JsonText value(long value) {
    comma();
    text.append(value);
    return this;
  }

  JsonText value(boolean value) {
    comma();
    text.append(value);
    return this;
  }

  /** An object whose members are texts. */
  JsonText texts(Map<?, String> members) {
    open('{');
    for (Map.Entry<?, String> member : members.entrySet()) {
      name(String.valueOf(member.getKey())).value(member.getValue());
    }
    return close('}');
  }

  private void comma() {
    if (more) {
      text.append(',');
    }
    more = true;
  }

  private void quoted(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < 0x20 || isAlone(value, i)) {
        // Half of a pair has no UTF-8; by its escape the server sees it, and says so.
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  /** Whether a character is one half of a pair of surrogates, without the other. */
  private static boolean isAlone(String value, int index) {
    char c = value.charAt(index);
    if (Character.isHighSurrogate(c)) {
      return index + 1 == value.length() || !Character.isLowSurrogate(value.charAt(index + 1));
    }
    return Character.isLowSurrogate(c)
        && (index == 0 || !Character.isHighSurrogate(value.charAt(index - 1)));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
