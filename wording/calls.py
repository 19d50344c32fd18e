"""What stands in a complaint that nobody wrote down, of a call that nobody took up: its subject and its content."""

from typing import Final

from domain.titles import Title

MISSED: Final = (
    Title("未接来电，待回电", "Missed call, to be called back"),
    Title("无人值守时来电，未能接听。请回电了解事由。", "A call came while nobody was there. Call back to hear what it is about."),
)
VOICEMAIL: Final = (
    Title("语音留言，待回电", "Voicemail, to be called back"),
    Title("来电人留了言，录音见附件。请听取后回电。", "The caller left a message; the recording is attached. Listen to it and call back."),
)
